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
/// One or more requests for each scheme of a provider. Each signature was made by the provider or by another project, and the
/// comment says where it is published. "Ours" are rows beside them, whose body has an id or a type that the published one lacks;
/// Python's hmac signed them.
/// </summary>
public static class ProviderVectors
{
    private const string Secret = "dev_secret_change_me";
    private const string DiscordKey = "122ddf58a895d7e1b76ff5d071b0aac9b7765e2ab515e11b7fcaf964db5490c6";
    private const string SnsTopic = "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic";

    // PayPal's certificate of the sandbox, as its library for Node recorded it: github.com/paypal/PayPal-node-SDK,
    // test/mocks/notification.js.
    private const string PayPalCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIHqDCCBpCgAwIBAgIQCSVMkxB1Kw9SPZtpAr3lTDANBgkqhkiG9w0BAQsFADB1
        MQswCQYDVQQGEwJVUzEVMBMGA1UEChMMRGlnaUNlcnQgSW5jMRkwFwYDVQQLExB3
        d3cuZGlnaWNlcnQuY29tMTQwMgYDVQQDEytEaWdpQ2VydCBTSEEyIEV4dGVuZGVk
        IFZhbGlkYXRpb24gU2VydmVyIENBMB4XDTE1MDMxODAwMDAwMFoXDTE3MDMyMjEy
        MDAwMFowggElMR0wGwYDVQQPDBRQcml2YXRlIE9yZ2FuaXphdGlvbjETMBEGCysG
        AQQBgjc8AgEDEwJVUzEZMBcGCysGAQQBgjc8AgECEwhEZWxhd2FyZTEQMA4GA1UE
        BRMHMzAxNDI2NzEWMBQGA1UECRMNMjIxMSBOIDFzdCBTdDEOMAwGA1UEERMFOTUx
        MzExCzAJBgNVBAYTAlVTMRMwEQYDVQQIEwpDYWxpZm9ybmlhMREwDwYDVQQHEwhT
        YW4gSm9zZTEVMBMGA1UEChMMUGF5UGFsLCBJbmMuMRgwFgYDVQQLEw9QYXJ0bmVy
        IFN1cHBvcnQxNDAyBgNVBAMTK21lc3NhZ2V2ZXJpZmljYXRpb25jZXJ0cy5zYW5k
        Ym94LnBheXBhbC5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDI
        XgwJj1E+vPOLNA7e3nFsRpQq7G1CFcoCNeRgFIGRfd4itt2jBRPfHXf1eeXODQ6V
        wTMP6rVYrI3HBQu5SZRZKO3gALPiBWTcz5FhVovYDz/d/DtasA5L7l1xmRM+GGPE
        e/D3ETPeyym6GTAuIzR1ju1BuSQlVnIrcILDHrFZo0RyqFH1eNL3oYfgz+ZCv+WH
        65rhS60VowiLAb2lsARckJ2P8wKIps3YUxAqVG5SJ9H49ueBDI01wEzE/+59J8s9
        GThmbMTqP6x4MneAcGN1TPimGd9wZlbwwrCYDtCoqFDcxMVgvD83uPrIinFwTIOX
        w63QSv8/+ANuawBcNJDrAgMBAAGjggOAMIIDfDAfBgNVHSMEGDAWgBQ901Cl1qCt
        7vNKYApl0yHU+PjWDzAdBgNVHQ4EFgQUt5yLggZOjjfzULzZCgX2KZO3R/gwNgYD
        VR0RBC8wLYIrbWVzc2FnZXZlcmlmaWNhdGlvbmNlcnRzLnNhbmRib3gucGF5cGFs
        LmNvbTAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUF
        BwMCMHUGA1UdHwRuMGwwNKAyoDCGLmh0dHA6Ly9jcmwzLmRpZ2ljZXJ0LmNvbS9z
        aGEyLWV2LXNlcnZlci1nMS5jcmwwNKAyoDCGLmh0dHA6Ly9jcmw0LmRpZ2ljZXJ0
        LmNvbS9zaGEyLWV2LXNlcnZlci1nMS5jcmwwQgYDVR0gBDswOTA3BglghkgBhv1s
        AgEwKjAoBggrBgEFBQcCARYcaHR0cHM6Ly93d3cuZGlnaWNlcnQuY29tL0NQUzCB
        iAYIKwYBBQUHAQEEfDB6MCQGCCsGAQUFBzABhhhodHRwOi8vb2NzcC5kaWdpY2Vy
        dC5jb20wUgYIKwYBBQUHMAKGRmh0dHA6Ly9jYWNlcnRzLmRpZ2ljZXJ0LmNvbS9E
        aWdpQ2VydFNIQTJFeHRlbmRlZFZhbGlkYXRpb25TZXJ2ZXJDQS5jcnQwDAYDVR0T
        AQH/BAIwADCCAX0GCisGAQQB1nkCBAIEggFtBIIBaQFnAHUApLkJkLQYWBSHuxOi
        zGdwCjw1mAT5G9+443fNDsgN3BAAAAFMLovtNgAABAMARjBEAiBTR7r3p76qUJzF
        23lsbD/cLsA0KlxoJRSIvIK0OIYWiQIgVQWja8tWBlpcoFP30Iym7IuczitSazpH
        fhKAVroTgXgAdgBo9pj4H2SCvjqM7rkoHUz8cVFdZ5PURNEKZ6y7T0/7xAAAAUwu
        i+z4AAAEAwBHMEUCIEP3VYyLQB7lOgFo4WstyOurmRe3xa0OVaeFL/bDohHOAiEA
        +xQrRVAfaeT4qBdBJzLyVLU4V9bh/qBMXJdjvYujhAcAdgBWFAaaL9fC7NP14b1E
        sj7HRna5vJkRXMDvlJhV1onQ3QAAAUwui+6EAAAEAwBHMEUCIQC/YUc5X6xyb3ho
        o4VMSJqSoNg9KKkvLh9nUQCdwHi3/QIgNwcBc9ZZCR/aWXQ7hKH6d39kpkDX2Z43
        XPy/Kl5sKI4wDQYJKoZIhvcNAQELBQADggEBAHixEZNpb0M1MsvsfNI6lLKxrs9s
        JkcBcmxrFyhTC8KP+Qp+Z1fnMRQwpTLIMr1+uAMqCPAnIShGHeFNJpUFSMyW4o0l
        +pZGz/L/YJBs7XP3ChSGC17ZKeGSQFfMqMQXfY/L6+n/1HkAwqmewqUMEuUmWN3F
        kXJqVngIYGZtxXRyiv2azLOhrNP8BgNZK6d2gVxntQfGr4hnd8Juq8SJy/S4xpPY
        YPD8vW7/wSOdAe1/kU38QwDVBQ5PJePS2WFwz8YA/eKcyg9lfsianfw35SjehJbn
        wGwzUbjtibyJnv3eAeYDGxaI6vbuoE99pSmYGIwSBLJwZamJHjci6HL6wLg=
        -----END CERTIFICATE-----
        """;

    // Google's keys in April 2020: github.com/googleapis/google-auth-library-java, oauth2_http/testresources/federated_keys.json.
    private const string GoogleKeys = """
        {"keys":[
          {"kid":"f9d97b4cae90bcd76aeb20026f6b770cac221783","e":"AQAB","kty":"RSA","alg":"RS256","use":"sig","n":"ya_7gVJrvqFp5xfYPOco8gBLY38kQDlTlT6ueHtUtbTkRVE1X5tFmPqChnX7wWd2fK7MS4-nclYaGLL7IvJtN9tjrD0h_3_HvnrRZTaVyS-yfWqCQDRq_0VW1LBEygwYRqbO2T0lOocTY-5qUosDvJfe-o-lQYMH7qtDAyiq9XprVzKYTfS545BTECXi0he9ikJl5Q_RAP1BZoaip8F0xX5Y_60G90VyXFWuy16nm5ASW8fwqzdn1lL_ogiO1LirgBFFEXz_t4PwmjWzfQwkoKv4Ab_l9u2FdAoKtFH2CwKaGB8hatIK3bOAJJgRebeU3w6Ah3gxRfi8HWPHbAGjtw"},
          {"kid":"28b741e8de984a47159f19e6d7783e9d4fa810db","e":"AQAB","kty":"RSA","alg":"RS256","use":"sig","n":"zc4ELn-9nLzCZb4PdXGVhtUtzwmQI8HZH8tOIEg9omx6CW-PZ5xtVQ5O5EBG2AA5_K-aOWvVEWyfeHe8WwZltM1cXu6QNdXbpVVYeZ0th9hm7ZflNz7h1PMM9lNXLJjokax5gxGskc8CsjhkwurEot1TD2zbGIQsOYoebQTvJ2AYxIjk77BU20nLplurge8jrK-V1G3zJlp0xIKqxjsfIFYm1Mp-HQhJzdMbjNEScs0dDT4rPxdA-wOVGix0wrPdIE1gM4GxZ7AlSZ7IcjuYMZIe6d6oAeKG0FG0avbtipAQglxTHM3UOge6PmThr_mmiI82oLqGutul-XYgy1S2NQ"}
        ]}
        """;

    // The key of Microsoft Entra ID that signed in June 2016: github.com/AzureAD/passport-azure-ad,
    // test/Chai-passport_test/bearer_flow_test.js. There it is PEM, here a JSON Web Key, as Entra ID answers it.
    private const string EntraKeys = """
        {"keys":[
          {"kid":"YbRAQRYcE_motWVJKHrwLBbd_9s","e":"AQAB","kty":"RSA","use":"sig","n":"vbcFrj193Gm6zeo5e2_y54Jx49sIgScv-2JO-n6NxNqQaKVnMkHcz-S1j2FfpFngotwGMzZIKVCY1SK8SKZMFfRTU3wvToZITwf3W1Qq6n-h-abqpyJTaqIcfhA0d6kEAM5NsQAKhfvw7fre1QicmU9LWVWUYAayLmiRX6o3tktJq6H58pUzTtx_D0Dprnx6z5sW-uiMipLXbrgYmOez7htokJVgDg8w-yDFCxZNo7KVueUkLkxhNjYGkGfnt18s7ZW036WoTmdaQmW4CChf_o4TLE5VyGpYWm7I_-nV95BBvwlzokVVKzveKf3l5UU3c6PkGy-BB3E_ChqFm6sPWw"}
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

    /// <summary>
    /// Discord's request to test a URL, signed by Discord: github.com/hikari-py/hikari, tests/hikari/internal/test_ed25519.py.
    /// </summary>
    public static ProviderVector DiscordPing { get; } = new(
        "discord", DiscordKey, Unix(1619885621),
        [
            (
                "X-Signature-Ed25519",
                "b42a9177f8fa7b8fdfc325aa816e6cde6a9a53de71e597b8248fc6d43f591c85"
                + "2bcf93c1d5ea2dfe2d9773e034b6613a6bbb12a4a019b150f6738e0d27abbe07"),
            ("X-Signature-Timestamp", "1619885621"),
        ],
        """{"application_id":"658822586720976907","id":"838085779104202753","token":"aW50ZXJhY3Rpb246ODM4MDg1Nzc5MTA0MjAyNzUzOmd3MG5nSmpDck9UcWtWc3lsUERFbWx6MEt6bnVUb1Bjc0pNN2FCMVZ3TVJOeVdudUk5R2t4Q0EwSG1LWUVzQkMza0IyR2I3dEtRWHhnTlRTYmRxZlgzMFRvZW5CTmVIWDUyZ2Q1NEFmWllueXJhVjBCSVhlQzZyMVpxQloyT20y","type":1,"user":{"avatar":"b333580bd9474630226ff7b0a9696231","discriminator":"6127","id":"115590097100865541","public_flags":131072,"username":"Faster Speeding"},"version":1}""");

    public static IReadOnlyList<ProviderVector> All { get; } =
    [
        // A slash command that Discord signed: github.com/hikari-py/hikari, tests/hikari/impl/test_interaction_server.py.
        new("discord", DiscordKey, Unix(1643807576),
            [
                (
                    "X-Signature-Ed25519",
                    "8c2ab29e050c536763c97d41bd022e272d5bb0a9be674ed55a12a620c50b21d8"
                    + "634299f5578007f297ba97cc17204cc5336b47a01c118e7c58055081402eb504"),
                ("X-Signature-Timestamp", "1643807576"),
            ],
            """{"application_id":"658822586720976907","channel_id":"938391701561679903","data":{"id":"870616445036421159","name":"ping","type":1},"guild_id":"561884984214814744","guild_locale":"en-GB","id":"938421734825140264","locale":"en-GB","member":{"avatar":null,"communication_disabled_until":null,"deaf":false,"is_pending":false,"joined_at":"2019-03-31T12:10:19.616000+00:00","mute":false,"nick":"Snab","pending":false,"permissions":"2199023255551","premium_since":null,"roles":["561885635074457600"],"user":{"avatar":"2549318b6a5f514a6c4a4379ed89a469","discriminator":"6127","id":"115590097100865541","public_flags":131072,"username":"Faster Speeding"}},"token":"aW50ZXJhY3Rpb246OTM4NDIxNzM0ODI1MTQwMjY0Ok1pR0t6dGt3T1Q4SkhHMnREQmJ2RXI4Vk5vaXZ0UzVMRTBqdVRLcmhnd1dYdEd6d2dlTUZGMlNQRkRybGZJaHVuWHZva2lKaWQzcjh1ZEt5NzJtVTFKNzdGOVREOWtoNE5BYnlCdGlGaEZDMDVMY3VhbkF1a0ZZMnhGeU9qOHY4","type":2,"version":1}""",
            Event: ("938421734825140264", "2")),

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

        // Notion docs, developers.notion.com/reference/webhooks: the example of a signature. Beside it ours, for id and type.
        new("notion", "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl", Unix(0),
            [("X-Notion-Signature", "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735")],
            """{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"""),
        new("notion", "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl", Unix(0),
            [("X-Notion-Signature", "sha256=b30b43ac8fa987d169cb3ee2425866b953d974456e21e4c6d4d9b18fee3249b4")],
            """{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","type":"page.created"}""",
            Event: ("367cba44-b6f3-4c92-81e7-6a2e9659efd4", "page.created")),

        // github.com/SlopMaster2/webhook-verify, src/providers/zoom.rs: tests.
        new("zoom", "zoom_webhook_secret", Unix(1739923528),
            [
                ("x-zm-request-timestamp", "1739923528"),
                ("x-zm-signature", "v0=71276689c37d865ee24535dab72c05883e9d083978e8d3161202634051b15404"),
            ],
            """{"event":"meeting.started","event_ts":1626230691572}""", Event: ("*", "meeting.started")),

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

        // Mailgun's library for PHP, github.com/mailgun/mailgun-php, tests/Api/WebhookTest.php. The event is not signed.
        new("mailgun", "key-3ax6xnjp29jd6fds4gc373sgvjxteol0", Unix(1403645220), [],
            """{"signature":{"timestamp":"1403645220","token":"5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgowmn6","signature":"9cfc5c41582e51246e73c88d34db3af0a3a2692a76fbab81492842f000256d33"},"event-data":{"event":"opened","timestamp":1403645220.329574,"id":"DACSsAdVSeGpLid7TN03WA"}}""",
            Signed: ["\"1403645220", "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgowmn6", "9cfc5c41582e5124"],
            Event: ("DACSsAdVSeGpLid7TN03WA", "opened")),

        // Signed by PayPal: its library for Python, github.com/paypal/PayPal-Python-SDK, test/unit_tests/notifications_test.py.
        new("paypal", "4JH86294D6297924G", Time("2015-05-18T15:45:14Z"),
            [
                ("PAYPAL-TRANSMISSION-ID", "dfb3be50-fd74-11e4-8bf3-77339302725b"),
                ("PAYPAL-TRANSMISSION-TIME", "2015-05-18T15:45:13Z"),
                ("PAYPAL-CERT-URL", "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"),
                (
                    "PAYPAL-TRANSMISSION-SIG",
                    "thy4/U002quzxFavHPwbfJGcc46E8rc5jzgyeafWm5mICTBdY/8rl7WJpn8JA0GKA+oDTPsSruqusw+XXg5RLAP7ip53Euh9Xu3UbUhQFX7UgwzE2FeYoY6lyRMiiiQLzy9BvHfIzNIVhPad4KnC339dr6y2l+mN8ALgI4GCdIh3/SoJO5wE64Bh/ueWtt8EVuvsvXfda2Le5a2TrOI9vLEzsm9GS79hAR/5oLexNz8UiZr045Mr5ObroH4w4oNfmkTaDk9Rj0G19uvISs5QzgmBpauKr7Nw++JI0pr/v5mFctQkoWJSGfBGzPRXawrvIIVHQ9Wer48GR2g9ZiApWg=="),
            ],
            """{"id":"WH-0G2756385H040842W-5Y612302CV158622M","create_time":"2015-05-18T15:45:13Z","resource_type":"sale","event_type":"PAYMENT.SALE.COMPLETED","summary":"Payment completed for $ 20.0 USD","resource":{"id":"4EU7004268015634R","create_time":"2015-05-18T15:44:02Z","update_time":"2015-05-18T15:44:21Z","amount":{"total":"20.00","currency":"USD"},"payment_mode":"INSTANT_TRANSFER","state":"completed","protection_eligibility":"ELIGIBLE","protection_eligibility_type":"ITEM_NOT_RECEIVED_ELIGIBLE,UNAUTHORIZED_PAYMENT_ELIGIBLE","parent_payment":"PAY-86C81811X5228590KKVNARQQ","transaction_fee":{"value":"0.88","currency":"USD"},"links":[{"href":"https://api.sandbox.paypal.com/v1/payments/sale/4EU7004268015634R","rel":"self","method":"GET"},{"href":"https://api.sandbox.paypal.com/v1/payments/sale/4EU7004268015634R/refund","rel":"refund","method":"POST"},{"href":"https://api.sandbox.paypal.com/v1/payments/payment/PAY-86C81811X5228590KKVNARQQ","rel":"parent_payment","method":"GET"}]},"links":[{"href":"https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-0G2756385H040842W-5Y612302CV158622M","rel":"self","method":"GET"},{"href":"https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-0G2756385H040842W-5Y612302CV158622M/resend","rel":"resend","method":"POST"}]}""",
            Keys: PayPalCertificate, Event: ("WH-0G2756385H040842W-5Y612302CV158622M", "PAYMENT.SALE.COMPLETED")),

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

        // A token that Microsoft Entra ID signed: github.com/AzureAD/passport-azure-ad, test/Chai-passport_test/bearer_flow_test.js.
        new("eventgrid-entra",
            "iss=https://sts.windows.net/268da1a1-9db4-48b9-b1fe-683250ba90cc/ aud=spn:6514a8ca-d9e4-4155-b292-65258398f3aa appid=bebfad57-efd7-419b-b74b-4b9dab7bd470",
            Unix(1467311260),
            [
                (
                    "Authorization",
                    "Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsIng1dCI6IlliUkFRUlljRV9tb3RXVkpLSHJ3TEJiZF85cyIsImtpZCI6IlliUkFRUlljRV9tb3RXVkpLSHJ3TEJiZF85cyJ9.eyJhdWQiOiJzcG46NjUxNGE4Y2EtZDllNC00MTU1LWIyOTItNjUyNTgzOThmM2FhIiwiaXNzIjoiaHR0cHM6Ly9zdHMud2luZG93cy5uZXQvMjY4ZGExYTEtOWRiNC00OGI5LWIxZmUtNjgzMjUwYmE5MGNjLyIsImlhdCI6MTQ2NzMxMTI0OCwibmJmIjoxNDY3MzExMjQ4LCJleHAiOjE0NjczMTUxNDgsImFjciI6IjEiLCJhbXIiOlsicHdkIl0sImFwcGlkIjoiYmViZmFkNTctZWZkNy00MTliLWI3NGItNGI5ZGFiN2JkNDcwIiwiYXBwaWRhY3IiOiIxIiwiZmFtaWx5X25hbWUiOiJvbmUiLCJnaXZlbl9uYW1lIjoicm9ib3QiLCJpcGFkZHIiOiIxMzEuMTA3LjE2MC4yMjYiLCJuYW1lIjoicm9ib3QgMSIsIm9pZCI6Ijc5MTJmZTdiLWI1YWItNDI1Yi1iYjFmLTBlODNiOTlmY2E3ZiIsInNjcCI6InVzZXJfaW1wZXJzb25hdGlvbiIsInN1YiI6Ikt1Mi1GdDlsWTlpMkJ2ZmhtcTQxNjZaSDNrV0g0V1h0bXpHOU0tOE1GYWMiLCJ0aWQiOiIyNjhkYTFhMS05ZGI0LTQ4YjktYjFmZS02ODMyNTBiYTkwY2MiLCJ1bmlxdWVfbmFtZSI6InJvYm90QHNpanVuLm9ubWljcm9zb2Z0LmNvbSIsInVwbiI6InJvYm90QHNpanVuLm9ubWljcm9zb2Z0LmNvbSIsInZlciI6IjEuMCJ9.VTg8AqnbSzfC7nUmf3xKnNrS_3BcOSGqz_CBPi6Th2piwNc--3Aq_K6SOt2QlbP7yni8IOqeY2ooqDgj0CvcvV3HHHHFatS7X8Kppg4z35lB4b67DJuIeHgCYYBR75qMVC1z5n4dgYGoNE-JNvlZZmaeHnrO8FAmQBKJUOrIyCNpoBjIsUXgXJKTPdL7HQL9nFz6h9sUmvbvpwqk1NgfmfTsJ0wHuSNHjHmryZ7vGnnjJHUC1zQmo9nesF0t7ad2Gk2RdlU93FbcZEW0hFE5Rtu0SbjOZAQdDVsBj_Voi7iQ_Kr-CnC14vuZ5kE9ACSMf2VG5wfcg6z4pyQdw-LpjQ"),
            ],
            """[{"id":"831e1650","eventType":"Microsoft.Storage.BlobCreated","data":{}}]""",
            Signed: [], Keys: EntraKeys, Event: ("831e1650", "Microsoft.Storage.BlobCreated")),

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

        // A token of a service account that Google signed: github.com/googleapis/google-auth-library-java,
        // oauth2_http/javatests/com/google/auth/oauth2/TokenVerifierTest.java.
        new("pubsub",
            "aud=https://example.com/path email=integration-tests@chingor-test.iam.gserviceaccount.com", Unix(1587626288),
            [
                (
                    "Authorization",
                    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImY5ZDk3YjRjYWU5MGJjZDc2YWViMjAwMjZmNmI3NzBjYWMyMjE3ODMiLCJ0eXAiOiJKV1QifQ.eyJhdWQiOiJodHRwczovL2V4YW1wbGUuY29tL3BhdGgiLCJhenAiOiJpbnRlZ3JhdGlvbi10ZXN0c0BjaGluZ29yLXRlc3QuaWFtLmdzZXJ2aWNlYWNjb3VudC5jb20iLCJlbWFpbCI6ImludGVncmF0aW9uLXRlc3RzQGNoaW5nb3ItdGVzdC5pYW0uZ3NlcnZpY2VhY2NvdW50LmNvbSIsImVtYWlsX3ZlcmlmaWVkIjp0cnVlLCJleHAiOjE1ODc2Mjk4ODgsImlhdCI6MTU4NzYyNjI4OCwiaXNzIjoiaHR0cHM6Ly9hY2NvdW50cy5nb29nbGUuY29tIiwic3ViIjoiMTA0MDI5MjkyODUzMDk5OTc4MjkzIn0.Pj4KsJh7riU7ZIbPMcHcHWhasWEcbVjGP4yx_5E0iOpeDalTdri97E-o0dSSkuVX2FeBIgGUg_TNNgJ3YY97T737jT5DUYwdv6M51dDlLmmNqlu_P6toGCSRC8-Beu5gGmqS2Y82TmpHH9Vhoh5PsK7_rVHk8U6VrrVVKKTWm_IzTFhqX1oYKPdvfyaNLsXPbCt_NFE0C3DNmFkgVhRJu7LtzQQN-ghaqd3Ga3i6KH222OEI_PU4BUTvEiNOqRGoMlT_YOsyFN3XwqQ6jQGWhhkArL1z3CG2BVQjHTKpgVsRyy_H6WTZiju2Q-XWobgH-UPSZbyymV8-cFT9XKEtZQ"),
            ],
            """{"message":{"attributes":{"key":"value"},"data":"SGVsbG8gQ2xvdWQgUHViL1N1YiEgSGVyZSBpcyBteSBtZXNzYWdlIQ==","messageId":"2070443601311540","publishTime":"2021-02-26T19:13:55.749Z"},"subscription":"projects/myproject/subscriptions/mysubscription"}""",
            Signed: [], Keys: GoogleKeys,
            Event: ("projects/myproject/subscriptions/mysubscription:2070443601311540", "message")),

        // Signed by Plaid: the request is in github.com/tylerwray/elixir-plaid, test/plaid/webhooks_test.exs, and Plaid's key of the
        // sandbox in github.com/simonmittag/mse6.
        new("plaid",
            """{"alg":"ES256","created_at":1560466143,"crv":"P-256","expired_at":null,"kid":"6c5516e1-92dc-479e-a8ff-5a51992e0001","kty":"EC","use":"sig","x":"35lvC8uz2QrWpQJ3TUH8t9o9DURMp7ydU518RKDl20k","y":"I8BuXB2bvxelzJAd7OKhd-ZwjCst05Fx47Mb_0ugros"}""",
            Unix(1614578620),
            [
                (
                    "Plaid-Verification",
                    "eyJhbGciOiJFUzI1NiIsImtpZCI6IjZjNTUxNmUxLTkyZGMtNDc5ZS1hOGZmLTVhNTE5OTJlMDAwMSIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE2MTQ1Nzg2MTcsInJlcXVlc3RfYm9keV9zaGEyNTYiOiIyM2JhM2IxNzcwMjk0ZWVlYWJhM2JmZjc1NTdjNjJlZDZkNmU4MzMzYjZkMmFmZjcyNDIxMWI0N2FkYjVhYWYyIn0.TClT2hrFCjlQSc3WbQ0GpBdwjP9InvTXaMfDYbtFJTlKXua_3tejuuHm4NzYQtCV-lXJ4fub3kLoQFkfi234_Q"),
            ],
            "{\n  \"error\": null,\n  \"item_id\": \"lvMEnMo5m9ivMdZeemZVtJP8zGXVJDiLPKkEp\",\n  \"new_transactions\": 0,\n  \"webhook_code\": \"DEFAULT_UPDATE\",\n  \"webhook_type\": \"TRANSACTIONS\"\n}",
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

        // github.com/SlopMaster2/webhook-verify, src/providers/docusign.rs: tests. The first header is that of another key of the
        // account. Beside it ours, for the id.
        new("docusign", "00000000-0000-0000-0000-000000000000", Unix(0),
            [
                ("X-DocuSign-Signature-1", "pIJlMnjy4GTTMVTa8IIpWiM4b8HmP+8qYoa3jPx/zCQ="),
                ("X-DocuSign-Signature-2", "/H+hDmayNt2QohkBOPy1SEdouGGRGialuyKO3JCoRHU="),
            ],
            """{"event":"envelope-sent","apiVersion":"v2.1","data":{"envelopeId":"11111111-2222-3333-4444-555555555555","status":"sent","emailSubject":"Please sign this document","userId":"99999999-8888-7777-6666-555555555555"}}""",
            Event: ("*", "envelope-sent")),
        new("docusign", Secret, Unix(0),
            [
                ("X-DocuSign-Signature-1", "8+JQ43nXjyRMKv3zXpNw7wI3tyETg9Py/AzxKKIU1wk="),
                ("X-DocuSign-Signature-2", "7+JQ43nXjyRMKv3zXpNw7wI3tyETg9Py/AzxKKIU1wk="),
            ],
            """{"event":"envelope-sent","generatedDateTime":"2021-09-30T18:35:23.3370000Z","data":{"envelopeId":"a34d0c5a"}}""",
            Event: ("a34d0c5a:envelope-sent:2021-09-30T18:35:23.3370000Z", "envelope-sent")),

        // github.com/SlopMaster2/webhook-verify, src/providers/intercom.rs: tests. Beside it ours, for id and type.
        new("intercom", "intercom-client-secret-for-testing", Unix(0),
            [("X-Hub-Signature", "sha1=cbf9bf16f89d9cf089ee3500c5ba94595b3aedcd")],
            """{"type":"notification_event","app_id":"abc123","data":{"type":"notification_event_data","item":{"type":"ticket","id":"5"}}}"""),
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

        // github.com/SlopMaster2/webhook-verify, src/providers/calendly.rs: tests.
        new("calendly", "calendly_signing_key_test", Unix(1700000000),
            [("Calendly-Webhook-Signature", "t=1700000000,v1=c28fe5f7a1527d7f93349786637c707d636115f902962c743a8b8d88b6b9c401")],
            """{"event":"invitee.created","payload":{"email":"test@example.com"}}""", Event: ("*", "invitee.created")),

        // The same, src/providers/typeform.rs. Beside it ours, for the id.
        new("typeform", "typeform_webhook_secret_2026", Unix(0),
            [("Typeform-Signature", "sha256=SxAJUw6vn/KWUnuo8L+etZQ1+P6nGF+4t92qCVhABgo=")],
            """{"event_type":"form_response","form_response":{"form_id":"aBcDefGhIj","token":"8lBh6Y7h2qOHo","submitted_at":"2023-01-27T15:40:21Z"}}"""),
        new("typeform", Secret, Unix(0), [("Typeform-Signature", "sha256=ga/a9N0xTKHs/3HUngz3OyVgiawpTgbQ3wuTGkx2Rsg=")],
            """{"event_id":"LtWXD3crgy","event_type":"form_response"}""", Event: ("LtWXD3crgy", "form_response")),

        // The same, src/providers/woocommerce.rs. Id and topic are not signed.
        new("woocommerce", "woocommerce_test_secret", Unix(0),
            [
                ("X-WC-Webhook-Signature", "SpTlDXndFNEBUo78JKFJzn0qlYB/8i064vyc5QaK4j8="),
                ("X-WC-Webhook-Delivery-ID", "9e1a"), ("X-WC-Webhook-Topic", "order.updated"),
            ],
            """{"id":12345,"status":"processing","total":"19.99"}""", Event: ("9e1a", "order.updated")),

        // The same, src/providers/dropbox.rs.
        new("dropbox", "dropbox_test_secret", Unix(0),
            [("X-Dropbox-Signature", "80d62d988f7b55b88cccbfe41f348828e376ba2162e1f798a6f881b3b2e3196b")],
            """{"list_folder":{"accounts":["dbid:AAH4f99T0taONFbNO56Ru6wQQq-aVsd8"]}}""", Event: ("*", "changed")),

        // The secret of Asana's documentation; body and signature of github.com/DawidMyslak/n8n-node-mocker, which simulates
        // providers (src/signers/asana.ts, src/templates/asana/task.changed.json).
        new("asana", "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81", Unix(0),
            [("X-Hook-Signature", "0087dec2b383af82e208f1a5bd172938f0fa1dfd804be97f8e4dedffb01a1ea4")],
            """{"events":[{"user":{"gid":"1200000000000001","resource_type":"user"},"created_at":"2026-04-28T08:00:00.000Z","action":"changed","resource":{"gid":"1200000000000099","resource_type":"task","resource_subtype":"default_task"},"parent":{"gid":"1200000000000050","resource_type":"project"},"change":{"field":"completed","action":"changed","new_value":true}}]}""",
            Event: ("*", "changed")),

        // The same, src/signers/trello.ts and src/templates/trello/createCard.json.
        new("trello", "12345678901234567890123456789012", Unix(0), [("X-Trello-Webhook", "SjZVLVelWmgiivjbuv37MQ1/cC4=")],
            """{"action":{"id":"000000000000000000000a01","idMemberCreator":"000000000000000000000001","type":"createCard","date":"2024-09-01T12:00:00.000Z","data":{"board":{"id":"000000000000000000000b01","name":"Mock Board","shortLink":"mockBrd"},"list":{"id":"000000000000000000000c01","name":"To Do"},"card":{"id":"000000000000000000000d01","name":"Mock Card","shortLink":"mockCrd","idShort":1}},"memberCreator":{"id":"000000000000000000000001","username":"mockuser","fullName":"Mock User"}},"model":{"id":"000000000000000000000b01","name":"Mock Board","desc":"","closed":false,"url":"https://trello.com/b/mockBrd/mock-board"},"webhook":{"id":"mock00000000000000000001","description":"n8n Webhook - 000000000000000000000b01","idModel":"000000000000000000000b01","callbackURL":"https://n8n.example.com/webhook/test/webhook","active":true,"consecutiveFailures":0,"firstConsecutiveFailDate":null}}""",
            Event: ("000000000000000000000a01", "createCard"), Url: "https://n8n.example.com/webhook/test/webhook"),

        // Signed by Twitch's own tool, the Twitch CLI: github.com/twitch-rs/twitch_api, src/eventsub/mod.rs. Beside it a time with
        // nine digits: github.com/SlopMaster2/webhook-verify, src/providers/twitch.rs.
        new("twitch", "secretabcd", Time("2021-02-19T23:47:05Z"),
            [
                ("Twitch-Eventsub-Message-Id", "ae2ff348-e102-16be-a3eb-6830c1bf38d2"),
                ("Twitch-Eventsub-Message-Timestamp", "2021-02-19T23:47:00.8091512Z"),
                (
                    "Twitch-Eventsub-Message-Signature",
                    "sha256=d10f5bd9474b7ac7bd7105eb79c2d52768b4d0cd2a135982c3bf5a1d59a78823"),
                ("Twitch-Eventsub-Subscription-Type", "channel.follow"), ("Twitch-Eventsub-Message-Type", "notification"),
            ],
            """{"subscription":{"id":"ae2ff348-e102-16be-a3eb-6830c1bf38d2","status":"enabled","type":"channel.follow","version":"1","condition":{"broadcaster_user_id":"44429626"},"transport":{"method":"webhook","callback":"null"},"created_at":"2021-02-19T23:47:00.7621315Z"},"event":{"user_id":"28408015","user_login":"testFromUser","user_name":"testFromUser","broadcaster_user_id":"44429626","broadcaster_user_login":"44429626","broadcaster_user_name":"testBroadcaster"}}""",
            Event: ("ae2ff348-e102-16be-a3eb-6830c1bf38d2", "channel.follow")),
        new("twitch", "twitch_webhook_secret", Time("2026-01-01T00:00:00Z"),
            [
                ("Twitch-Eventsub-Message-Id", "b2f45e9d-85a3-4b8c-91c1-7c03b6b6e4f2"),
                ("Twitch-Eventsub-Message-Timestamp", "2026-01-01T00:00:00.000000000Z"),
                (
                    "Twitch-Eventsub-Message-Signature",
                    "sha256=2d32ac8112f5dac0c544d6f50241d69b0629635728f57ae69c92cb679e9083af"),
                ("Twitch-Eventsub-Subscription-Type", "channel.follow"), ("Twitch-Eventsub-Message-Type", "notification"),
            ],
            """{"subscription":{"id":"0f246fad-1356-49ee-b0a9-6a1c103fr0d1","type":"channel.follow","version":"1","status":"enabled","cost":0,"condition":{"broadcaster_user_id":"1337"},"transport":{"method":"webhook","callback":"https://example.com/webhooks/callback"}},"event":{"user_id":"666","user_login":"cool_user","user_name":"Cool_User","broadcaster_user_id":"1337","broadcaster_user_login":"cool_guy","broadcaster_user_name":"Cool_Guy","followed_at":"2020-07-15T18:16:11.17106713Z"}}""",
            Event: ("b2f45e9d-85a3-4b8c-91c1-7c03b6b6e4f2", "channel.follow")),

        // github.com/frain-dev/convoy, pkg/verifier/verifier_test.go. Beside it ours, for the type.
        new("x", "Convoy", Unix(0), [("x-twitter-webhooks-signature", "sha256=16FUVH58NeMcTIIOICN2UJOcPTTa4TbjCndXymGrtM8=")],
            "Test Payload Body"),
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
