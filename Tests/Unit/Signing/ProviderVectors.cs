using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>A request of a provider, signed by something that is not ours.</summary>
/// <param name="Scheme">The name of the scheme.</param>
/// <param name="Secret">The secret, or the identity where the scheme fetches keys.</param>
/// <param name="At">The time of receipt.</param>
/// <param name="Headers">The headers that the provider sends.</param>
/// <param name="Signed">The parts of the body that are signed, where it is not the whole body.</param>
/// <param name="Keys">The public keys, where the scheme fetches them.</param>
/// <param name="Event">Delivery id and type; null where the body is not JSON, as in examples of some providers.</param>
public sealed record ProviderVector(
    string Scheme,
    string Secret,
    DateTimeOffset At,
    (string Name, string Value)[] Headers,
    string Body,
    string[]? Signed = null,
    string? Keys = null,
    (string Id, string Type)? Event = null,
    string Url = "https://hooks.example.com/webhooks/source")
{
    public SignatureScheme Rules => SignatureSchemes.ByName[Scheme];

    public override string ToString() => Scheme;
}

/// <summary>
/// One or more requests for each scheme of a provider. Those that a provider or its library published say where. The others are
/// examples of bodies from the provider's documentation that Python's hmac or OpenSSL signed, with the secret
/// <c>dev_secret_change_me</c> or a key that was made for it: no published signature with its key is known for them.
/// </summary>
public static class ProviderVectors
{
    private const string Secret = "dev_secret_change_me";
    private const string SnsTopic = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic";
    private const string Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDPzCCAiegAwIBAgIURoGehqzIUvTwSuKing3TvPMrYVYwDQYJKoZIhvcNAQEL
        BQAwLjEsMCoGA1UEAwwjbWVzc2FnZXZlcmlmaWNhdGlvbmNlcnRzLnBheXBhbC5j
        b20wIBcNMjYxMTI5MTAwMjM1WhgPMjEyNjExMDUxMDAyMzVaMC4xLDAqBgNVBAMM
        I21lc3NhZ2V2ZXJpZmljYXRpb25jZXJ0cy5wYXlwYWwuY29tMIIBIjANBgkqhkiG
        9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9a3kM5koWMAUQoxJHPrHJYWNHKaAhiKN0FmK
        jJuA79mlGgG5unGV+akeIo75obEHnjLyUa7F3C35ks4bzoxtbJKL7ARmki/Ss7fr
        GtAzCrSMKz8dR713FiOzjcQBariMD0NTG49b9IZB7S0RXW0B2Wvf46lVzXDCpilg
        LRmrUfRg7C2PwFMhsW8AWelag2dfjLknZ+LzvFRsHlu12dv6vHri59PlcJPw7cYM
        YudYEKa8Fu3FL1BfWOKvgryB45y/hPFpKkyfjWFP2eFOD+mES8oCgOnSsd80US5t
        DQ8A8YelZWRqhORzyDgWXDaH30+3dwKc92vDQyRNtUHjWJDrfwIDAQABo1MwUTAd
        BgNVHQ4EFgQU6DbNxZqSCJ+6AHJ0wMr9po3StqkwHwYDVR0jBBgwFoAU6DbNxZqS
        CJ+6AHJ0wMr9po3StqkwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC
        AQEAmTSK9QezW5C0RNrEE2qQkMc+Yr8HRb066QCMnzMB29gOdwC5yzADXkfvH3Mt
        2XPpPy4c6Jb3H22Y4Va4QAHM66gFj+YK79P0QYjEeSyRCeG1VqtZaMs2Ab/KQF8+
        jsgBk/woCndWU383ZYVKGdzHJvpBE7YTmnzT3J2pQ3N5DbgOVsc/ruwYQhmtHNUV
        3Nb5u0wzOhtnIlIW55N8Xt/Z7OEvujrmS5a5CjVPXPSP+7PdVJFDHIUuegE1tCsE
        4YlBYu9UkjpbL0EBuNZNdsy6e3QeSTQIA+neM7ZbbMxEcyrUdTHUveSN8Gu/wiAU
        F5yrVseihYg/G62C3JHPDm5ttQ==
        -----END CERTIFICATE-----
        """;

    // The public key of the certificate, as providers publish keys of JSON Web Tokens, among another.
    private const string WebKeys = """
        {"keys":[
          {"kty":"RSA","use":"sig","alg":"RS256","kid":"key-0","e":"AQAB","n":"pAPhTRdR7m04TeyH1gS_bqcBp59OEUFANz6ps6FOWsY8TsTrspKr4bhJf5YOBUQGyxNzPbds8Z8ol9no5Yjb3I5y3FfDWoBBEFsV081gQXpGP_IvM9q2fpIIFNChWfkHM7CdnW9fc2stNp_6FN_b10E_EKaSg0dJv6AL0snOyLgOAe1V47wF9XWivYlZSt_Hyss7Wly8HrBfEmIi3tIFQIoQimzoX1_TIkYjdGwMSd5aFYlLCcsXeXs4iJQEcolzdRMyuEFskIDt1UADwTm3r441kqnE9cLdF2l5IrS2AxF9F2HOaGJ3MVwSBpIioozJXXCTDSmqDMkBzQz3vMoVkw"},
          {"kty":"RSA","use":"sig","alg":"RS256","kid":"key-1","e":"AQAB","n":"9a3kM5koWMAUQoxJHPrHJYWNHKaAhiKN0FmKjJuA79mlGgG5unGV-akeIo75obEHnjLyUa7F3C35ks4bzoxtbJKL7ARmki_Ss7frGtAzCrSMKz8dR713FiOzjcQBariMD0NTG49b9IZB7S0RXW0B2Wvf46lVzXDCpilgLRmrUfRg7C2PwFMhsW8AWelag2dfjLknZ-LzvFRsHlu12dv6vHri59PlcJPw7cYMYudYEKa8Fu3FL1BfWOKvgryB45y_hPFpKkyfjWFP2eFOD-mES8oCgOnSsd80US5tDQ8A8YelZWRqhORzyDgWXDaH30-3dwKc92vDQyRNtUHjWJDrfw"}
        ]}
        """;

    // The certificate that AWS signed with until October 2026, from the tests of aws-sdk-java-v2 (SignatureValidatorTest).
    private const string SnsCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIFxTCCBK2gAwIBAgIQBkyRNHAyygLkObkxH5ju+zANBgkqhkiG9w0BAQsFADA8
        MQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRwwGgYDVQQDExNBbWF6b24g
        UlNBIDIwNDggTTAxMB4XDTI1MTExMDAwMDAwMFoXDTI2MTAxNDIzNTk1OVowHDEa
        MBgGA1UEAxMRc25zLmFtYXpvbmF3cy5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IB
        DwAwggEKAoIBAQChbVNQ+DEaT5WN+l+bg0iEeF666Z6LDFc1KJr4lNl0odcXQSsk
        KsZYCMVdp4I/Ikk9zWyckRTMkmQGYimpD+bTsMCP5C/sJIU0E9Y2OXjjl5Videkq
        qnRL9VdE5N41Rvks7S/5MpYcSmCsmaHfwcv82Gvx2zm9CrA5Xu7K2ZqhzRQPCRSP
        mHTHQr4ED63ujE+qTpPgQZ0TvgmcrAc08Z75Z7Zzs17aTNc3YhAtQx9WowN8uiHk
        kgc+ONNdtwKvWZNmnbmxMHYtYc291WCP1K1Nh4TV5XNyjIebzQKDrqTCN0ItAr1x
        e6Bl3BYS3SG9XHAy0q3ekITzQsKypcuaK6dTAgMBAAGjggLhMIIC3TAfBgNVHSME
        GDAWgBSBuA5jiokSGOX6OztQlZ/m5ZAThTAdBgNVHQ4EFgQUBQEUzzzuVJAKzAlR
        d0Q//W6HvZUwHAYDVR0RBBUwE4IRc25zLmFtYXpvbmF3cy5jb20wEwYDVR0gBAww
        CjAIBgZngQwBAgEwDgYDVR0PAQH/BAQDAgWgMBMGA1UdJQQMMAoGCCsGAQUFBwMB
        MDsGA1UdHwQ0MDIwMKAuoCyGKmh0dHA6Ly9jcmwucjJtMDEuYW1hem9udHJ1c3Qu
        Y29tL3IybTAxLmNybDB1BggrBgEFBQcBAQRpMGcwLQYIKwYBBQUHMAGGIWh0dHA6
        Ly9vY3NwLnIybTAxLmFtYXpvbnRydXN0LmNvbTA2BggrBgEFBQcwAoYqaHR0cDov
        L2NydC5yMm0wMS5hbWF6b250cnVzdC5jb20vcjJtMDEuY2VyMAwGA1UdEwEB/wQC
        MAAwggF/BgorBgEEAdZ5AgQCBIIBbwSCAWsBaQB3ANdtfRDRp/V3wsfpX9cAv/mC
        yTNaZeHQswFzF8DIxWl3AAABmnAb33MAAAQDAEgwRgIhANXAgMEZWU326cqxqwnf
        ntD0XcBjRbmvVMOp3hZ8boPXAiEAkI3NTMXcdLCChHak1ipOae7K7r3spMGUMk6Q
        cEUKqBEAdgDCMX5XRRmjRe5/ON6ykEHrx8IhWiK/f9W1rXaa2Q5SzQAAAZpwG9+u
        AAAEAwBHMEUCIQD+Qyok8NYaFuQkccW+XIMmxHxj6Yka2wjtg6UN/tbU5wIgcp4z
        8MyC/dUfeLRuHAt0owtVgEu7xXqrMBOYlbXrfC4AdgDLOPcViXyEoURfW8Hd+8lu
        8ppZzUcKaQWFsMsUwxRY5wAAAZpwG9+yAAAEAwBHMEUCIQCmu1jQUG9A2br7OqwM
        FvQXtBX10yIvvDa6a2Ov1Zgg6gIgKlqRvN6WhX0pSHAN2bKmjRwIUI3X9kjS/A/m
        DYULaV4wDQYJKoZIhvcNAQELBQADggEBAIbTQWQhqrG6SzwLq79tKCpI0aL0xlD+
        /jrGPxpwTlK7rtAArHiEVh/bsmwLYRlIxPBiU+NE/kqeT0lhJA6/e3X3KRmnpJ6u
        Z70PJGYwmZbSRsFom0vGFBMncX0qYx1iD0dooPeAkkSnM5j81rBh+FepV3HfF+tA
        9gaglWLsU7Z/A0fdn9D32UPreVHloOut5EyEinvXRUAWZco9CRloyEXJr7Mxq9MZ
        vYOK+5wuSPHnPij+fGlQsPxEgoTnCmU03PqNS49kL13jjEnYYdijqL+4rfHtuZbc
        4hlVoZfttwg8wD3m5brhQ+GkBBNYN8HFtdVy/BnFi+SPJqv6BgB3Y00=
        -----END CERTIFICATE-----
        """;

    /// <summary>AWS SNS's request to confirm a subscription, from the tests of aws-sdk-java-v2.</summary>
    public static readonly ProviderVector SnsConfirmation = new(
        "sns", SnsTopic, Time("2026-03-06T19:31:32Z"), [("Content-Type", "text/plain; charset=UTF-8")],
        """
        {
          "Type" : "SubscriptionConfirmation",
          "MessageId" : "f3f2fc87-c426-4c2f-9044-b55890c0939c",
          "Token" : "2336412f37fb687f5d51e6e2425929f52e8e353134fe72d55ef8b330217d82da14007cbccefffd35b695feb8f0294d01fd9644f41e1ddfad261519a2c0bac743ff375eeb64530147d2da57f3acc54739da14c8dbd48a9d58ce996eff0d498ea6b4b9f58720d8959b52b99b8de148081720d7da17434e376614a00c992e7823e4",
          "TopicArn" : "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic",
          "Message" : "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:131990247566:dongie-standard-topic.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
          "SubscribeURL" : "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:131990247566:dongie-standard-topic&Token=2336412f37fb687f5d51e6e2425929f52e8e353134fe72d55ef8b330217d82da14007cbccefffd35b695feb8f0294d01fd9644f41e1ddfad261519a2c0bac743ff375eeb64530147d2da57f3acc54739da14c8dbd48a9d58ce996eff0d498ea6b4b9f58720d8959b52b99b8de148081720d7da17434e376614a00c992e7823e4",
          "Timestamp" : "2026-03-06T19:31:32.895Z",
          "SignatureVersion" : "1",
          "Signature" : "Ce2Ax8UbEq0RrVH7gsjP9WZ9bzif7dUkAY4OH99Pv7FSrvs8cK+uiH3a6ig54rXWUnZRUejk8K6KeK5Q80O9iJp8KbPRKdQ0PkJ3YASdabhfK0e7evC05YR2pFoS6nNaqNzT7HrR1d1Z9iLoFxluo2Dzb7kWVB7e9jp/y+ZBXRzRIaZgscM84kahBc6QgXOFJA1/PFA4cB5qaa6tBcUFtTE63o9vJ4wMmKk93W9MoszC+dNJeVFr8VHmt3toR+3JauBCZnGdgXgsDhni4PduSfWJJxEpuOK41iYf1hW+xFNFFsv46siTFiHdHiYDfI7/VlaY4spMgkq3EndRr7rHzQ==",
          "SigningCertURL" : "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"
        }
        """,
        Signed: ["f3f2fc87-c426-4c2f-9044-b55890c0939c", "You have chosen", "?Action=ConfirmSubscription", "2026-03-06T19:31:32.895Z"],
        Keys: SnsCertificate);

    public static IReadOnlyList<ProviderVector> All { get; } =
    [
        // Standard Webhooks' libraries: tests. GitLab follows that specification, and has no example of its own.
        new("gitlab", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Unix(1614265330),
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), ("X-Gitlab-Event", "Push Hook"),
            ],
            """{"test": 2432232314}""", Event: ("msg_p5jXN8AQM9LWM0D4loKWxJek", "Push Hook")),

        // GitLab docs, "Webhooks": the token is sent as it is.
        new("gitlab-token", Secret, Unix(1614265330),
            [
                ("X-Gitlab-Token", Secret), ("X-Gitlab-Event", "Push Hook"),
                ("Idempotency-Key", "f5e5f430-f57b-4e6e-9fac-d9128cd7232f"),
            ],
            """{"object_kind":"push"}""", Signed: [], Event: ("f5e5f430-f57b-4e6e-9fac-d9128cd7232f", "Push Hook")),

        // Bitbucket Cloud docs, "Manage webhooks: testing the webhook payload validation".
        new("bitbucket", "It's a Secret to Everybody", Unix(0),
            [("X-Hub-Signature", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9")], "Hello World!"),

        // Jira Cloud docs, "Webhooks: testing the webhook payload validation".
        new("jira", "It's a Secret to Everybody", Unix(0),
            [("X-Hub-Signature", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9")], "Hello World!"),

        // Linear's library: body and secret of its tests (LinearWebhooks.test.ts), which compute the signature.
        new("linear", "SECRET", Unix(1677611643),
            [
                ("Linear-Signature", "8790fcbbea809950be9198408593c2a13f7591bba6c61adb589f709b5e1b186a"),
                ("Linear-Delivery", "234d1a4e-b617-4388-90fe-adc3633d6b72"), ("Linear-Event", "Comment"),
            ],
            """{"action":"create","data":{"id":"2174add1-f7c8-44e3-bbf3-2d60b5ea8bc9","createdAt":"2020-01-23T12:53:18.084Z","updatedAt":"2020-01-23T12:53:18.084Z","archivedAt":null,"body":"Indeed, I think this is definitely an improvement over the previous version.","edited":false,"issueId":"539068e2-ae88-4d09-bd75-22eb4a59612f","userId":"aacdca22-6266-4c0a-ab3c-8fa70a26765c"},"type":"Comment","url":"https://linear.app/issue/LIN-1778/foo-bar#comment-77217de3-fb52-4dad-bb9a-b356beb93de8","createdAt":"2020-01-23T12:53:18.084Z","webhookTimestamp":1677611643000}""",
            Event: ("234d1a4e-b617-4388-90fe-adc3633d6b72", "Comment")),

        // Signed by Python.
        new("notion", "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl", Unix(0),
            [("X-Notion-Signature", "sha256=b30b43ac8fa987d169cb3ee2425866b953d974456e21e4c6d4d9b18fee3249b4")],
            """{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","type":"page.created"}""",
            Event: ("367cba44-b6f3-4c92-81e7-6a2e9659efd4", "page.created")),

        // Signed by Python.
        new("zoom", Secret, Unix(1614265330),
            [
                ("x-zm-request-timestamp", "1614265330"),
                ("x-zm-signature", "v0=ab3758b2ff09e5133ad49998d8cce92ed92630dc967ab21dd17f1d59cb772e66"),
            ],
            """{"event":"meeting.started","payload":{"account_id":"AAAAAABBBB"},"event_ts":1626230691572}""",
            Event: ("*", "meeting.started")),

        // HubSpot's library for Python: tests (test_signature.py).
        new("hubspot", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", Unix(15000),
            [
                ("X-HubSpot-Signature-v3", "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw="),
                ("X-HubSpot-Request-Timestamp", "15000000"),
            ],
            "{'example_field':'example_value'}", Url: "https://www.example.com/webhook_uri"),

        // Twilio SendGrid's libraries: tests (test_eventwebhook.py).
        new("sendgrid",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
            Unix(1600112502),
            [
                (
                    "X-Twilio-Email-Event-Webhook-Signature",
                    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="),
                ("X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"),
            ],
            """[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]""" + "\r\n",
            Event: ("*", "dropped")),

        // Body of Mailgun's documentation, signed by Python.
        new("mailgun", Secret, Unix(1529006854), [],
            """{"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"f18c5767b78e5792dd8476edd9df3d5b87e6cb603d09bcad1131a3d1096f9d45"},"event-data":{"event":"opened","timestamp":1529006854.329574,"id":"DACSsAdVSeGpLid7TN03WA"}}""",
            Signed: ["\"1529006854", "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0", "f18c5767b78e5792"],
            Event: ("DACSsAdVSeGpLid7TN03WA", "opened")),

        // Ids and time of PayPal's library for Python, whose certificate is no longer published; signed by OpenSSL.
        new("paypal", "4JH86294D6297924G", Time("2026-12-01T00:00:00Z"),
            [
                ("PAYPAL-TRANSMISSION-ID", "dfb3be50-fd74-11e4-8bf3-77339302725b"),
                ("PAYPAL-TRANSMISSION-TIME", "2015-05-18T15:45:13Z"),
                ("PAYPAL-CERT-URL", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"),
                (
                    "PAYPAL-TRANSMISSION-SIG",
                    "qHnP8dQC9v+TpVyfOgHeJQKSNWcIOklb7g1pAsXHyPrwr0aGlMRIyJB1xYPpTRxxXbMsTUbRDsiDnpazglkcV5lIW/ldiKRU7K3bSpVQP6cikRarZetSjKXuiICftLNwfWdmQpj3+a9xiTCSPADeHa5lDaQnDa4e74CqQ80A1ZHfLielFtAZfXA4Kxij0HMyD3FFF4vXDTlUz6GGIfaQUs75t+Y0BgP3PBOgfiyQs4rwo29iyhLwoS/9jjr3t1Uvl+kVA/86i8vraRIPYkH9U9tmWBmAuoDxlskfgLj6hUIPPNEGIESnx1H3oIYr/2Uy7zg07Nn3JYXZUKpqYSDU2A=="),
            ],
            """{"id":"WH-0G2756385H040842W-5Y612302CV158622M","create_time":"2015-05-18T15:45:13Z","event_type":"PAYMENT.SALE.COMPLETED"}""",
            Keys: Certificate, Event: ("WH-0G2756385H040842W-5Y612302CV158622M", "PAYMENT.SALE.COMPLETED")),

        // Messages that AWS signed, from the tests of aws-sdk-java-v2 (sns-message-manager).
        new("sns", SnsTopic, Time("2026-03-06T20:00:26Z"), [("Content-Type", "text/plain; charset=UTF-8")],
            """
            {
              "Type" : "Notification",
              "MessageId" : "9d2c5580-b61d-550c-8583-37a582870907",
              "TopicArn" : "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic",
              "Message" : "This message uses signature version 2.",
              "Timestamp" : "2026-03-06T20:00:26.893Z",
              "SignatureVersion" : "2",
              "Signature" : "kGNJ7FIM5DJxRv9bdoSJBty2WHpADFWrJ0ZQU/A2sALy6tBE5hqfUvPRlklTJ+PACFMguoFOO7W6ac/Bs4gR+JBRFhx4598X8/HWzrmaLrtB2f7nzViHbpzYN+u+OewXhxjj2lNsu0bLKv6fogkACytDIOhjZylbfJoPphDYAB7T3Ila7u+K3m2wLHH4k1cPYKyBf5FI/kAoQAVsY6qFHeb6CWfHsdM98I2gwyEvwJSzW0iyYBfqckmthQwH3Ex53jrhQlZylXFDYmstSJAdvbLeGqIUxKyk+O25wYgBjbbbeR+2qE2UCGEQrk1Bq018wmTxdHZmDhoBjJXiGmFkfg==",
              "SigningCertURL" : "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem",
              "UnsubscribeURL" : "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-west-2:131990247566:dongie-standard-topic:b24e11a2-06bd-4e73-aa29-0ed2de3b41b5"
            }
            """,
            Signed: ["Notification\"", "9d2c5580-b61d-550c", "arn:aws:sns:us-west-2:131990247566:dongie", "This message uses", "26.893Z", "kGNJ7FIM5DJ"],
            Keys: SnsCertificate, Event: ("9d2c5580-b61d-550c-8583-37a582870907", "Notification")),
        new("sns", SnsTopic, Time("2026-03-06T19:53:21Z"), [("Content-Type", "text/plain; charset=UTF-8")],
            """
            {
              "Type" : "Notification",
              "MessageId" : "26858270-545e-5848-82a2-e05566af3dcf",
              "TopicArn" : "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic",
              "Subject" : "My message subject",
              "Message" : "Hello! This message has a subject.",
              "Timestamp" : "2026-03-06T19:53:21.424Z",
              "SignatureVersion" : "1",
              "Signature" : "jvNSgHVOF9KUOKI3bmQZhURD0kDN6txhfjiyuvnV95Dw6b2SRa7nq3AhM8agP0KUCIrRgKHqUlN6K2XBA35Lzkx1eI5RT0oXIN00pvvzGxSz0ddnuSGmDJM7bd/b1vl2RlLjz+KvkhzEtspxLnxjLsGl2EpOmztt+um7owb4475sOLdGTx1QiFV/8HqB2J0DyjeWdRZvu7Xpsf1Yd2rgmijFoz8x89Vw8pIksjczr4q16pxdh/XKWjbN2uPoC+3EeYdljL8KUvLYH9ueHSs5E9qq2iLdze4+FtANnE73XRvvSGE0KI+FGOvz1igest6qon3g1/CVy4mq3n19TsCSmA==",
              "SigningCertURL" : "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem",
              "UnsubscribeURL" : "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-west-2:131990247566:dongie-standard-topic:b24e11a2-06bd-4e73-aa29-0ed2de3b41b5"
            }
            """,
            Signed: ["My message subject", "Hello! This", "jvNSgHVOF9K"],
            Keys: SnsCertificate, Event: ("26858270-545e-5848-82a2-e05566af3dcf", "Notification")),

        // Azure docs, "Event Grid event schema", with a token as a delivery property or in the URL.
        new("eventgrid", Secret, Unix(0), [("X-Webhook-Token", Secret), ("aeg-event-type", "Notification")],
            """[{"topic":"/subscriptions/x","subject":"/blobServices/default","eventType":"Microsoft.Storage.BlobCreated","id":"831e1650-001e-001b-66ab-eeb76e069631","data":{},"dataVersion":"","metadataVersion":"1"}]""",
            Signed: [], Event: ("831e1650-001e-001b-66ab-eeb76e069631", "Microsoft.Storage.BlobCreated")),
        new("eventgrid", Secret, Unix(0), [("Content-Type", "application/cloudevents+json; charset=utf-8")],
            """{"specversion":"1.0","type":"Microsoft.Storage.BlobCreated","source":"/subscriptions/x","id":"9aeb0fdf-c01e-0131-0922-9eb54906e209","data":{}}""",
            Signed: [], Event: ("9aeb0fdf-c01e-0131-0922-9eb54906e209", "Microsoft.Storage.BlobCreated"),
            Url: $"https://hooks.example.com/webhooks/source?code={Secret}"),

        // Claims of Microsoft Entra ID, signed by OpenSSL.
        new("eventgrid-entra",
            "iss=https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/ aud=api://eventgrid-app azp=4962773b-9cdb-44cf-a8bf-237846a00ab7",
            Unix(1550182400),
            [
                (
                    "Authorization",
                    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIiwidHlwIjoiSldUIn0.eyJhdWQiOiJhcGk6Ly9ldmVudGdyaWQtYXBwIiwiaXNzIjoiaHR0cHM6Ly9zdHMud2luZG93cy5uZXQvNzJmOTg4YmYtODZmMS00MWFmLTkxYWItMmQ3Y2QwMTFkYjQ3LyIsImlhdCI6MTU1MDE4MjMzNSwibmJmIjoxNTUwMTgyMzM1LCJleHAiOjE1NTAxODU5MzUsImF6cCI6IjQ5NjI3NzNiLTljZGItNDRjZi1hOGJmLTIzNzg0NmEwMGFiNyJ9.W8QAsTzl15GFpfnDBk8zTRHNx-WzZQMZPwisCd2OO-7AjF2J1vpgdqpsv_O_cJVjPuD4eU6Bdla7iH3b7dLXxcN5SGz1xsmPppjcBhDwguHfxkkDzYrj_9w-REfdsMahsg8LaWawD1LlQOFuxLB8r3PpHf6BDnkuq3UshaxcxRpVDx_xENWf7OPQ9xd1vs8Auoqb5BwrFozcdO-m_Is7qlDuXkM5COIdaOiqr79S_LHRAwEoQWWkkJ4HOLUCf-oX8ZNkVTBCQvuq1077T4FDLcqxGybmU1_jSnvG_XwFlsRMt7YJB_G53Vb3R6dAQLr3F9sGLuDaCE94R7SSpsnjQA"),
            ],
            """[{"id":"831e1650","eventType":"Microsoft.Storage.BlobCreated","data":{}}]""",
            Signed: [], Keys: WebKeys, Event: ("831e1650", "Microsoft.Storage.BlobCreated")),

        // CloudEvents, "HTTP protocol binding": the example in binary mode, with a bearer token.
        new("cloudevents", Secret, Unix(0),
            [
                ("Authorization", $"Bearer {Secret}"), ("ce-specversion", "1.0"), ("ce-type", "com.example.someevent"),
                ("ce-id", "1234-1234-1234"), ("ce-source", "/mycontext/subcontext"),
            ],
            """{"appinfo":"x"}""", Signed: [], Event: ("/mycontext/subcontext:1234-1234-1234", "com.example.someevent")),
        new("cloudevents", Secret, Unix(0), [("Content-Type", "application/cloudevents+json")],
            """{"specversion":"1.0","type":"com.example.someevent","source":"/mycontext","id":"B234-1234-1234"}""",
            Signed: [], Event: ("/mycontext:B234-1234-1234", "com.example.someevent"),
            Url: $"https://hooks.example.com/webhooks/source?access_token={Secret}"),

        // Claims of Google's documentation, whose key is no longer published; signed by OpenSSL.
        new("pubsub",
            "aud=https://hooks.example.com/webhooks/pubsub email=gae-gcp@appspot.gserviceaccount.com", Unix(1550182400),
            [
                (
                    "Authorization",
                    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIiwidHlwIjoiSldUIn0.eyJhdWQiOiJodHRwczovL2hvb2tzLmV4YW1wbGUuY29tL3dlYmhvb2tzL3B1YnN1YiIsImF6cCI6IjExMzc3NDI2NDQ2MzAzODMyMTk2NCIsImVtYWlsIjoiZ2FlLWdjcEBhcHBzcG90LmdzZXJ2aWNlYWNjb3VudC5jb20iLCJzdWIiOiIxMTM3NzQyNjQ0NjMwMzgzMjE5NjQiLCJlbWFpbF92ZXJpZmllZCI6dHJ1ZSwiZXhwIjoxNTUwMTg1OTM1LCJpc3MiOiJodHRwczovL2FjY291bnRzLmdvb2dsZS5jb20iLCJpYXQiOjE1NTAxODIzMzV9.FLgIqZgOgNFvTHaPdxvGObMfdSjCyZayZ5y3n13oe89RvHwJm3BQONuT72afY81fyU2E_4cK0wtFlK1QhNTQjRDo-BMXGpp04yA6YS9Hw9FzreLW9nIFkujLHSepbBZ_YSK9xHPBrA3pqMDaxP6GL-Sd5vNc0fHH8q3BDMehNNcSjPp0W5JbvypWkjz1g_uWfPlNaxi9-4q9FtfEmP1Awr60aYcwYS8hbDPLxxVqrZ19kQErM4QpkPFOmLkS9V25QK5UUX7ntA2dgn9mBZJ9B83HHF2lRzSVGXsqQ81pJVr3f4I32N3MRXaxn-LAuP2ahz6156CSF2XarvxHDZ_O-w"),
            ],
            """{"message":{"attributes":{"key":"value"},"data":"SGVsbG8gQ2xvdWQgUHViL1N1YiEgSGVyZSBpcyBteSBtZXNzYWdlIQ==","messageId":"2070443601311540","publishTime":"2021-02-26T19:13:55.749Z"},"subscription":"projects/myproject/subscriptions/mysubscription"}""",
            Signed: [], Keys: WebKeys,
            Event: ("projects/myproject/subscriptions/mysubscription:2070443601311540", "message")),

        // Claims of Plaid's documentation, signed by OpenSSL; the key is a JSON Web Key as Plaid answers it.
        new("plaid",
            """{"alg":"ES256","created_at":1560466150,"crv":"P-256","expired_at":null,"kid":"6c5516e1-92dc-479e-a8ff-5a51992e0001","kty":"EC","use":"sig","x":"ngDU4QXO1cvDCAirM9i2rb9y-ERFObLicrRGJ8ndRnw","y":"b0baBHed1hm2QRezjKRXa54cdLyh34jwIsGbiWtxt5A"}""",
            Unix(1560211800),
            [
                (
                    "Plaid-Verification",
                    "eyJhbGciOiJFUzI1NiIsImtpZCI6IjZjNTUxNmUxLTkyZGMtNDc5ZS1hOGZmLTVhNTE5OTJlMDAwMSIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE1NjAyMTE3NTUsInJlcXVlc3RfYm9keV9zaGEyNTYiOiI4ZjczNWIzMTNjMjc2ODliM2RhMzY0OGNiYmYzNzI5MjgxOTEzMGY3NGM3MTRiZGU1MTM3YzY3N2RjYTU2MGRiIn0.lNhGZ4lHS3dvBt_-BKbn_RCCB1mgb9Ibm6KjMHyBovdKbQXJQVCVnBHTyfctggufm0rvEU12HvBFaQKxQYzMPg"),
            ],
            "{\n  \"webhook_type\": \"TRANSACTIONS\",\n  \"webhook_code\": \"DEFAULT_UPDATE\"\n}",
            Event: ("*", "TRANSACTIONS:DEFAULT_UPDATE")),

        // Adyen docs, "Verify HMAC signatures", and Adyen's libraries: tests (hmac_validator_spec.rb).
        new("adyen", "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056", Unix(0), [],
            """{"live":"false","notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="},"amount":{"value":1130,"currency":"EUR"},"pspReference":"7914073381342284","eventCode":"AUTHORISATION","eventDate":"2019-05-06T17:15:34.121+02:00","merchantAccountCode":"TestMerchant","operations":["CANCEL","CAPTURE","REFUND"],"merchantReference":"TestPayment-1407325143704","paymentMethod":"visa","success":"true"}}]}""",
            Signed: ["coqCmt/IZ4E3", "1130", "EUR", "7914073381342284", "AUTHORISATION", "TestMerchant", "TestPayment", "true"],
            Event: ("7914073381342284:AUTHORISATION:true", "AUTHORISATION")),

        // Adyen's libraries: tests (testBankingWebhookHmacValidator).
        new("adyen-platform", "D7DD5BA6146493707BF0BE7496F6404EC7A63616B7158EC927B9F54BB436765F", Unix(0),
            [("HmacSignature", "9Qz9S/0xpar1klkniKdshxpAhRKbiSAewPpWoxKefQA=")],
            """{"data":{"balancePlatform":"Integration_tools_test","accountId":"BA32272223222H5HVKTBK4MLB","sweep":{"id":"SWPC42272223222H5HVKV6H8C64DP5","schedule":{"type":"balance"},"status":"active","targetAmount":{"currency":"EUR","value":0},"triggerAmount":{"currency":"EUR","value":0},"type":"pull","counterparty":{"balanceAccountId":"BA3227C223222H5HVKT3H9WLC"},"currency":"EUR"}},"environment":"test","type":"balancePlatform.balanceAccountSweep.updated"}""",
            Event: ("*", "balancePlatform.balanceAccountSweep.updated")),

        // Signed by Python. The first header is that of another key of the account.
        new("docusign", Secret, Unix(0),
            [
                ("X-DocuSign-Signature-1", "8+JQ43nXjyRMKv3zXpNw7wI3tyETg9Py/AzxKKIU1wk="),
                ("X-DocuSign-Signature-2", "7+JQ43nXjyRMKv3zXpNw7wI3tyETg9Py/AzxKKIU1wk="),
            ],
            """{"event":"envelope-sent","generatedDateTime":"2021-09-30T18:35:23.3370000Z","data":{"envelopeId":"a34d0c5a"}}""",
            Event: ("a34d0c5a:envelope-sent:2021-09-30T18:35:23.3370000Z", "envelope-sent")),

        // Signed by Python.
        new("intercom", Secret, Unix(0), [("X-Hub-Signature", "sha1=b361f9602c311823b7ea4c0bb6abce7d6b7152bb")],
            """{"type":"notification_event","id":"notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3","topic":"user.created"}""",
            Event: ("notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3", "user.created")),

        // Telegram docs, "Bot API": the token is sent as it is.
        new("telegram", Secret, Unix(0), [("X-Telegram-Bot-Api-Secret-Token", Secret)],
            """{"update_id":10000,"message":{"date":1441645532,"message_id":1365,"text":"/start"}}""",
            Signed: [], Event: ("10000", "update")),

        // Microsoft Graph docs, "Change notification": the state is sent as it is.
        new("microsoft-graph", "secretClientState", Unix(0), [],
            """{"value":[{"id":"lsgTZMr9KwAAA","subscriptionId":"1","clientState":"secretClientState","changeType":"created","resource":"users/1/messages/2"}]}""",
            Signed: ["secretClientState"], Event: ("lsgTZMr9KwAAA", "created")),

        // Signed by Python.
        new("calendly", Secret, Unix(1614265330),
            [("Calendly-Webhook-Signature", "t=1614265330,v1=dc4240472838288e54b389b78a7b0dc0e3bd071b8ea818a2035e78b173a3e56f")],
            """{"event":"invitee.created","created_at":"2020-11-23T17:51:19.000000Z"}""", Event: ("*", "invitee.created")),
        new("typeform", Secret, Unix(0), [("Typeform-Signature", "sha256=ga/a9N0xTKHs/3HUngz3OyVgiawpTgbQ3wuTGkx2Rsg=")],
            """{"event_id":"LtWXD3crgy","event_type":"form_response"}""", Event: ("LtWXD3crgy", "form_response")),
        new("woocommerce", Secret, Unix(0),
            [
                ("X-WC-Webhook-Signature", "/dRGyBCNpUrOOTwAoBEwdcvV18igog8kkTg1BzX1Dgg="),
                ("X-WC-Webhook-Delivery-ID", "9e1a"), ("X-WC-Webhook-Topic", "order.updated"),
            ],
            """{"id":123,"status":"processing"}""", Event: ("9e1a", "order.updated")),
        new("dropbox", Secret, Unix(0), [("X-Dropbox-Signature", "9509f677cd8c2b3f8c94ed97812d224287a1acaf04411ecb96dfc8fbd42e42cf")],
            """{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]},"delta":{"users":[12345678]}}""",
            Event: ("*", "changed")),

        // The secret of Asana's documentation; signed by Python.
        new("asana", "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81", Unix(0),
            [("X-Hook-Signature", "ea041544664f4f2cd966d54305d61d88a66beba19a228de211ca0d50eaf4f21f")],
            """{"events":[{"action":"changed","resource":{"gid":"1337","resource_type":"task"}}]}""", Event: ("*", "changed")),
        new("trello", Secret, Unix(0), [("X-Trello-Webhook", "1TCcHcXlGolcAsYOvy+AhAg5U8A=")],
            """{"action":{"id":"51f9424bcd6e040f3c002412","type":"updateCard"}}""",
            Event: ("51f9424bcd6e040f3c002412", "updateCard"), Url: "https://hooks.example.com/webhooks/trello"),
        new("twitch", Secret, Time("2022-10-26T18:05:00Z"),
            [
                ("Twitch-Eventsub-Message-Id", "befa7b53-d79d-478f-86b9-120f112b044e"),
                ("Twitch-Eventsub-Message-Timestamp", "2022-10-26T18:00:00.123456789Z"),
                (
                    "Twitch-Eventsub-Message-Signature",
                    "sha256=89f4f9275b2957e56ad94b52caca8040b53d881a0bdea38855b88929b9003347"),
                ("Twitch-Eventsub-Subscription-Type", "channel.follow"), ("Twitch-Eventsub-Message-Type", "notification"),
            ],
            """{"subscription":{"id":"f1c2a387-161a-49f9-a165-0f21d7a4e1c4","type":"channel.follow"},"event":{"user_id":"1234"}}""",
            Event: ("befa7b53-d79d-478f-86b9-120f112b044e", "channel.follow")),
        new("x", Secret, Unix(0), [("x-twitter-webhooks-signature", "sha256=Ez//2hQHUcbir0VPMXfcgWNXKCiBPxf0BnbN2r1b39c=")],
            """{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1"}]}""", Event: ("*", "activity")),

        // Okta docs, "Event hooks": the secret is sent as it is.
        new("okta", Secret, Unix(0), [("Authorization", Secret)],
            """{"eventType":"com.okta.event_hook","eventId":"b5a188b9-5ece-4636-b041-482ffda96311","data":{"events":[{"eventType":"user.lifecycle.create"}]}}""",
            Signed: [], Event: ("b5a188b9-5ece-4636-b041-482ffda96311", "user.lifecycle.create")),

        // OpenAI's libraries: tests (test_webhooks.py).
        new("openai", "whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=", Unix(1750861210),
            [
                ("webhook-id", "wh_685c059ae39c8190af8c71ed1022a24d"), ("webhook-timestamp", "1750861210"),
                ("webhook-signature", "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY="),
            ],
            """{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, "type": "response.completed", "data": {"id": "resp_123"}}""",
            Event: ("wh_685c059ae39c8190af8c71ed1022a24d", "response.completed")),

        // Svix's libraries: tests. Clerk and Resend send with Svix, Supabase as Standard Webhooks has it.
        .. ((string[])["clerk", "resend"]).Select(scheme => new ProviderVector(
            scheme, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Unix(1614265330),
            [
                ("svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("svix-timestamp", "1614265330"),
                ("svix-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            """{"test": 2432232314}""", Event: ("msg_p5jXN8AQM9LWM0D4loKWxJek", "unknown"))),
        new("supabase", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Unix(1614265330),
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"), ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            """{"test": 2432232314}""", Event: ("msg_p5jXN8AQM9LWM0D4loKWxJek", "unknown")),
    ];

    private static DateTimeOffset Unix(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text);
}
