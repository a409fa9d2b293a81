using Aspire.Webhooks.Payloads;
using static Aspire.Webhooks.Signing.SignatureVersion;

namespace Aspire.Webhooks.Signing;

/// <summary>The schemes of further providers. Each names the page of its provider that it follows.</summary>
internal static class ProviderSchemes
{
    private static readonly SignatureVersion Bearer = Token with { Prefix = "Bearer " };

    private static readonly SignedContent Body = SignedContent.Parse("{body}");

    // Intercom and Trello try a URL out with HEAD before they accept it.
    private static readonly Handshake Head = new() { Name = "HEAD", Method = "HEAD", IsSigned = false };

    /// <summary>
    /// GitLab, "Webhooks: signing token": Standard Webhooks, with GitLab's event header. The id is the same in a retry.
    /// </summary>
    private static readonly SignatureScheme GitLab = new()
    {
        SignatureHeader = "webhook-signature",
        Separator = ' ',
        Versions = [new("v1,", SignatureAlgorithm.HmacSha256, SignatureEncoding.Base64)],
        IdHeader = "webhook-id",
        TimestampHeader = "webhook-timestamp",
        Content = SignedContent.Parse("{id}.{timestamp}.{body}"),
        KeyEncoding = KeyEncoding.StandardWebhooks,
        DeliveryId = FieldLocator.Parse("header:webhook-id"),
        EventType = FieldLocator.Parse("header:X-Gitlab-Event"),
        MaxBodyBytes = 25 * SignatureSchemes.MiB,
    };

    /// <summary>GitLab, "Webhooks: secret token": the token itself.</summary>
    private static readonly SignatureScheme GitLabToken = new()
    {
        SignatureHeader = "X-Gitlab-Token",
        Versions = [Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse("header:Idempotency-Key | header:X-Gitlab-Event-UUID | digest"),
        EventType = FieldLocator.Parse("header:X-Gitlab-Event"),
        MaxBodyBytes = 25 * SignatureSchemes.MiB,
    };

    /// <summary>Bitbucket Cloud, "Manage webhooks: secure webhooks". A retry keeps its request UUID.</summary>
    private static readonly SignatureScheme Bitbucket = new()
    {
        SignatureHeader = "X-Hub-Signature",
        Versions = [Sha256],
        Content = Body,
        DeliveryId = FieldLocator.Parse("header:X-Request-UUID"),
        EventType = FieldLocator.Parse("header:X-Event-Key"),
    };

    /// <summary>Jira Cloud, "Webhooks: secure admin webhooks" (WebSub's signature).</summary>
    private static readonly SignatureScheme Jira = new()
    {
        SignatureHeader = "X-Hub-Signature",
        Versions = [Sha256],
        Content = Body,
        DeliveryId = FieldLocator.Parse("header:X-Atlassian-Webhook-Identifier"),
        EventType = FieldLocator.Parse("body:/webhookEvent"),
        MaxBodyBytes = 25 * SignatureSchemes.MiB,
    };

    /// <summary>Linear, "Webhooks: securing webhooks": the time is a member of the signed body.</summary>
    private static readonly SignatureScheme Linear = new()
    {
        SignatureHeader = "Linear-Signature",
        Versions = [HexHmac],
        Content = Body,
        TimestampAt = FieldLocator.Parse("body:/webhookTimestamp"),
        TimestampFormat = TimestampFormat.UnixMilliseconds,
        Tolerance = TimeSpan.FromMinutes(1),
        DeliveryId = FieldLocator.Parse("header:Linear-Delivery"),
        EventType = FieldLocator.Parse("header:Linear-Event | body:/type"),
    };

    /// <summary>
    /// Notion, "Webhooks: validating event payloads": the key is the verification token, which Notion sends once, without a
    /// signature, for an operator to enter.
    /// </summary>
    private static readonly SignatureScheme Notion = new()
    {
        SignatureHeader = "X-Notion-Signature",
        Versions = [Sha256],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/id"),
        EventType = FieldLocator.Parse("body:/type"),
        Handshakes =
        [
            new()
            {
                Name = "verification_token", IsSigned = false, Challenge = FieldLocator.Parse("body:/verification_token"),
                Action = HandshakeAction.Show,
            },
        ],
    };

    /// <summary>Zoom, "Using webhooks: verify webhook events". An event has no id.</summary>
    private static readonly SignatureScheme Zoom = new()
    {
        SignatureHeader = "x-zm-signature",
        TimestampHeader = "x-zm-request-timestamp",
        Versions = [HexHmac with { Prefix = "v0=" }],
        Content = SignedContent.Parse("v0:{timestamp}:{body}"),
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/event"),
        Handshakes =
        [
            new()
            {
                Name = "endpoint.url_validation", When = [FieldCondition.Parse("body:/event=endpoint.url_validation")],
                Challenge = FieldLocator.Parse("body:/payload/plainToken"),
                Body = """{"plainToken":"{challenge}","encryptedToken":"{hmac}"}""",
            },
        ],
    };

    /// <summary>
    /// HubSpot, "Validating requests: v3". The body is an array of up to 100 events, none of whose members is its id. A retry
    /// counts up <c>attemptNumber</c>, so that it is another event here.
    /// </summary>
    private static readonly SignatureScheme HubSpot = new()
    {
        SignatureHeader = "X-HubSpot-Signature-v3",
        TimestampHeader = "X-HubSpot-Request-Timestamp",
        TimestampFormat = TimestampFormat.UnixMilliseconds,
        Versions = [Base64Hmac],
        Content = SignedContent.Parse("{method}{url}{body}{timestamp}"),
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/0/subscriptionType | body:/subscriptionType | value:unknown"),
    };

    /// <summary>
    /// Twilio SendGrid, "Event webhook: security features": ECDSA, with the public key of the settings page. The body is an array
    /// of events.
    /// </summary>
    private static readonly SignatureScheme SendGrid = new()
    {
        SignatureHeader = "X-Twilio-Email-Event-Webhook-Signature",
        TimestampHeader = "X-Twilio-Email-Event-Webhook-Timestamp",
        Versions = [new("", SignatureAlgorithm.EcdsaP256, SignatureEncoding.Base64)],
        Content = SignedContent.Parse("{timestamp}{body}"),
        KeyEncoding = KeyEncoding.PublicKey,
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/0/event | value:unknown"),
    };

    /// <summary>
    /// Mailgun, "Securing webhooks": HMAC of a time and a token, both in the body. Nothing else of the body is signed.
    /// </summary>
    private static readonly SignatureScheme Mailgun = new()
    {
        SignatureHeader = "",
        SignatureAt = FieldLocator.Parse("body:/signature/signature"),
        TimestampAt = FieldLocator.Parse("body:/signature/timestamp"),
        IdAt = FieldLocator.Parse("body:/signature/token"),
        Versions = [HexHmac],
        Content = SignedContent.ParsePartial("{timestamp}{id}"),
        DeliveryId = FieldLocator.Parse("body:/event-data/id"),
        EventType = FieldLocator.Parse("body:/event-data/event"),
    };

    /// <summary>
    /// PayPal, "Integrate webhooks: verify by self-verification": RSA with a certificate that the request names, over the CRC-32
    /// of the body. The identity is the webhook's id.
    /// </summary>
    private static readonly SignatureScheme PayPal = new()
    {
        SignatureHeader = "PAYPAL-TRANSMISSION-SIG",
        IdHeader = "PAYPAL-TRANSMISSION-ID",
        TimestampHeader = "PAYPAL-TRANSMISSION-TIME",
        TimestampFormat = TimestampFormat.Iso8601,

        // PayPal retries for three days and does not say that it signs a retry again.
        Tolerance = TimeSpan.MaxValue,
        Versions = [new("", SignatureAlgorithm.RsaSha256, SignatureEncoding.Base64)],
        Content = SignedContent.ParsePartial("{id}|{timestamp}|{identity}|{crc32}"),
        Keys = new(["api.paypal.com", "api.sandbox.paypal.com"], UrlAt: FieldLocator.Parse("header:PAYPAL-CERT-URL")),
        DeliveryId = FieldLocator.Parse("body:/id"),
        EventType = FieldLocator.Parse("body:/event_type"),
    };

    /// <summary>
    /// Amazon SNS, "Verifying the signatures of Amazon SNS messages": RSA with a certificate that the message names, over lines
    /// of its members. The identity is the ARN of a topic: AWS signs for every topic of everybody.
    /// </summary>
    private static readonly SignatureScheme Sns = new()
    {
        SignatureHeader = "",
        SignatureAt = FieldLocator.Parse("body:/Signature"),
        Versions =
        [
            new("", SignatureAlgorithm.RsaSha256, SignatureEncoding.Base64),
            new("", SignatureAlgorithm.RsaSha1, SignatureEncoding.Base64),
        ],
        Content = SignedContent.ParsePartial("{lines:Message,MessageId,SubscribeURL,Subject,Timestamp,Token,TopicArn,Type}"),
        Keys = new(
            ["sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"], UrlAt: FieldLocator.Parse("body:/SigningCertURL")),
        IdentityAt = FieldLocator.Parse("body:/TopicArn"),
        DeliveryId = FieldLocator.Parse("body:/MessageId"),
        EventType = FieldLocator.Parse("body:/Type"),
        BodyFormats = BodyFormats.Text | BodyFormats.Json,
        Handshakes =
        [
            new()
            {
                Name = "SubscriptionConfirmation", When = [FieldCondition.Parse("body:/Type=SubscriptionConfirmation")],
                Challenge = FieldLocator.Parse("body:/SubscribeURL"), Action = HandshakeAction.Fetch,
            },
        ],
    };

    // CloudEvents, "HTTP 1.1 web hooks for event delivery: abuse protection".
    private static readonly Handshake AbuseProtection = new()
    {
        Name = "abuse protection", Method = "OPTIONS", IsSigned = false,
        Challenge = FieldLocator.Parse("header:WebHook-Request-Origin"),
        Headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WebHook-Allowed-Origin"] = Handshake.ChallengeField,
            ["WebHook-Allowed-Rate"] = Handshake.RateField,
            ["Allow"] = "POST",
        },
    };

    private static readonly Handshake SubscriptionValidation = new()
    {
        Name = "SubscriptionValidation", When = [FieldCondition.Parse("header:aeg-event-type=SubscriptionValidation")],
        Challenge = FieldLocator.Parse("body:/0/data/validationCode"), Body = """{"validationResponse":"{challenge}"}""",
    };

    /// <summary>
    /// Azure Event Grid, "Webhook event delivery" and "Secure webhook delivery": a secret that Event Grid was given as a delivery
    /// property or in the URL. Both schemas, that of Event Grid and CloudEvents.
    /// </summary>
    private static readonly SignatureScheme EventGrid = new()
    {
        SignatureHeader = "X-Webhook-Token",
        SignatureAt = FieldLocator.Parse("query:code"),
        Versions = [Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/0/id | body:/id | header:ce-id"),
        EventType = FieldLocator.Parse("body:/0/eventType | body:/0/type | body:/type | header:ce-type"),
        Handshakes = [SubscriptionValidation, AbuseProtection],
    };

    /// <summary>
    /// The same with a token of Microsoft Entra ID. The identity names tenant and application: <c>iss=… aud=…</c>, and with
    /// <c>azp=…</c> who may send, because every application of the tenant can get a token for that audience.
    /// </summary>
    private static readonly SignatureScheme EventGridEntra = EventGrid with
    {
        SignatureHeader = "Authorization",
        SignatureAt = null,
        Versions = [new("Bearer ", SignatureAlgorithm.Jwt, SignatureEncoding.Base64)],
        Keys = new(["login.microsoftonline.com"], "https://login.microsoftonline.com/common/discovery/keys"),
    };

    /// <summary>
    /// CloudEvents, "HTTP 1.1 web hooks for event delivery: authorization": a token in the header or the URL, which does not
    /// cover the body.
    /// </summary>
    private static readonly SignatureScheme CloudEvents = new()
    {
        SignatureHeader = "Authorization",
        SignatureAt = FieldLocator.Parse("query:access_token"),
        Versions = [Bearer, Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse(
            "header:ce-source + header:ce-id | body:/source + body:/id | body:/0/source + body:/0/id"),
        EventType = FieldLocator.Parse("header:ce-type | body:/type | body:/0/type"),
        Handshakes = [AbuseProtection],
    };

    /// <summary>
    /// Google Cloud Pub/Sub, "Authentication for push subscriptions". The identity names the audience and the service account:
    /// <c>aud=… email=…</c>. Anybody can have Google sign a token for any audience, so that the account is required.
    /// </summary>
    private static readonly SignatureScheme PubSub = new()
    {
        SignatureHeader = "Authorization",
        Versions = [new("Bearer ", SignatureAlgorithm.Jwt, SignatureEncoding.Base64)],
        Content = Body,
        Keys = new(["www.googleapis.com"], "https://www.googleapis.com/oauth2/v3/certs"),
        Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["iss"] = ["https://accounts.google.com", "accounts.google.com"],
            ["email_verified"] = ["true"],
        },
        IdentityClaims = ["email"],
        DeliveryId = FieldLocator.Parse("body:/subscription + body:/message/messageId"),
        EventType = FieldLocator.Parse("body:/message/attributes/eventType | value:message"),
        MaxBodyBytes = 15 * SignatureSchemes.MiB,
    };

    /// <summary>
    /// Plaid, "Webhook verification": a JSON Web Token with the hash of the body. The key is the JSON Web Key that
    /// <c>/webhook_verification_key/get</c> answers.
    /// </summary>
    private static readonly SignatureScheme Plaid = new()
    {
        SignatureHeader = "Plaid-Verification",
        Versions = [new("", SignatureAlgorithm.Jwt, SignatureEncoding.Base64)],
        Content = Body,
        KeyEncoding = KeyEncoding.PublicKey,
        BodyHashClaim = "request_body_sha256",
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/webhook_type + body:/webhook_code"),
    };

    /// <summary>
    /// Adyen, "Verify HMAC signatures: standard webhooks": eight members of the one item are signed, with the signature in the
    /// item.
    /// </summary>
    private static readonly SignatureScheme Adyen = new()
    {
        SignatureHeader = "",
        SignatureAt = FieldLocator.Parse("body:/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature"),
        Versions = [Base64Hmac],
        Content = SignedContent.ParsePartial(string.Join(
            ':',
            ((string[])
            [
                "pspReference", "originalReference", "merchantAccountCode", "merchantReference", "amount/value",
                "amount/currency", "eventCode", "success",
            ]).Select(member => $"{{body:/notificationItems/0/NotificationRequestItem/{member}}}"))),
        KeyEncoding = KeyEncoding.Hex,

        // A reference can have several events, and an event a failure and a success.
        DeliveryId = FieldLocator.Parse(string.Join(
            " + ",
            ((string[])["pspReference", "eventCode", "success"]).Select(member =>
                $"body:/notificationItems/0/NotificationRequestItem/{member}"))),
        EventType = FieldLocator.Parse("body:/notificationItems/0/NotificationRequestItem/eventCode"),
    };

    /// <summary>Adyen, "Verify HMAC signatures: platform webhooks": the body, with the signature in a header.</summary>
    private static readonly SignatureScheme AdyenPlatform = new()
    {
        SignatureHeader = "HmacSignature",
        Versions = [Base64Hmac],
        Content = Body,
        KeyEncoding = KeyEncoding.Hex,
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/type | value:unknown"),
    };

    /// <summary>
    /// DocuSign Connect, "HMAC security": one header for each key of the account. A retry changes the member
    /// <c>retryCount</c>, so that the digest of the body is no id.
    /// </summary>
    private static readonly SignatureScheme DocuSign = new()
    {
        SignatureHeader = "X-DocuSign-Signature-{n}",
        Separator = ',',
        Versions = [Base64Hmac],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/data/envelopeId + body:/event + body:/generatedDateTime | digest"),
        EventType = FieldLocator.Parse("body:/event | value:unknown"),
    };

    /// <summary>Intercom, "Setting up webhooks: signed notifications": HMAC-SHA1 with the app's client secret.</summary>
    private static readonly SignatureScheme Intercom = new()
    {
        SignatureHeader = "X-Hub-Signature",
        Versions = [new("sha1=", SignatureAlgorithm.HmacSha1, SignatureEncoding.Hex)],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/id"),
        EventType = FieldLocator.Parse("body:/topic"),
        Handshakes = [Head],
    };

    /// <summary>Telegram, "Bot API: setWebhook": the secret token that was given to <c>setWebhook</c>.</summary>
    private static readonly SignatureScheme Telegram = new()
    {
        SignatureHeader = "X-Telegram-Bot-Api-Secret-Token",
        Versions = [Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/update_id"),
        EventType = FieldLocator.Parse("value:update"),
    };

    /// <summary>
    /// Microsoft Graph, "Receive change notifications through webhooks": the <c>clientState</c> of the subscription. Whoever
    /// knows it for the first notification is the sender of all.
    /// </summary>
    private static readonly SignatureScheme MicrosoftGraph = new()
    {
        SignatureHeader = "",
        SignatureAt = FieldLocator.Parse("body:/value/0/clientState"),
        Versions = [Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/value/0/id | digest"),
        EventType = FieldLocator.Parse("body:/value/0/changeType | body:/value/0/lifecycleEvent | value:unknown"),
        Handshakes =
        [
            new()
            {
                Name = "validationToken", IsSigned = false, Challenge = FieldLocator.Parse("query:validationToken"),
                Body = Handshake.ChallengeField, ContentType = "text/plain",
            },
        ],
    };

    /// <summary>Calendly, "Webhook signatures".</summary>
    private static readonly SignatureScheme Calendly = new()
    {
        SignatureHeader = "Calendly-Webhook-Signature",
        Separator = ',',
        TimestampPrefix = "t=",
        Versions = [HexHmac with { Prefix = "v1=" }],
        Content = SignedContent.Parse("{timestamp}.{body}"),
        Tolerance = TimeSpan.FromMinutes(3),
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/event"),
    };

    /// <summary>Typeform, "Secure your webhooks".</summary>
    private static readonly SignatureScheme Typeform = new()
    {
        SignatureHeader = "Typeform-Signature",
        Versions = [Base64Hmac with { Prefix = "sha256=" }],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/event_id"),
        EventType = FieldLocator.Parse("body:/event_type"),
    };

    /// <summary>
    /// WooCommerce, "Webhooks". When one is saved, WooCommerce sends a form with the webhook's id and without a signature.
    /// </summary>
    private static readonly SignatureScheme WooCommerce = new()
    {
        SignatureHeader = "X-WC-Webhook-Signature",
        Versions = [Base64Hmac],
        Content = Body,
        DeliveryId = FieldLocator.Parse("header:X-WC-Webhook-Delivery-ID"),
        EventType = FieldLocator.Parse("header:X-WC-Webhook-Topic"),
        Handshakes =
        [
            new() { Name = "ping", IsSigned = false, When = [FieldCondition.Parse("body:/webhook_id")] },
        ],
    };

    /// <summary>
    /// Dropbox, "Webhooks". A notification names the accounts that changed and nothing else, so that equal bodies are different
    /// notifications.
    /// </summary>
    private static readonly SignatureScheme Dropbox = new()
    {
        SignatureHeader = "X-Dropbox-Signature",
        Versions = [HexHmac],
        Content = Body,
        DeliveryId = FieldLocator.Parse("unique"),
        EventType = FieldLocator.Parse("value:changed"),
        Handshakes =
        [
            new()
            {
                Name = "challenge", Method = "GET", IsSigned = false, Challenge = FieldLocator.Parse("query:challenge"),
                Body = Handshake.ChallengeField, ContentType = "text/plain",
            },
        ],
    };

    /// <summary>
    /// Asana, "Webhooks: security": the secret is in the first request, whose header is sent back, and in the answer to the call
    /// that makes the webhook.
    /// </summary>
    private static readonly SignatureScheme Asana = new()
    {
        SignatureHeader = "X-Hook-Signature",
        Versions = [HexHmac],
        Content = Body,
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("body:/events/0/action | value:heartbeat"),
        Handshakes =
        [
            new()
            {
                Name = "X-Hook-Secret", IsSigned = false, Challenge = FieldLocator.Parse("header:X-Hook-Secret"),
                Headers = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["X-Hook-Secret"] = Handshake.ChallengeField,
                },
            },
        ],
    };

    /// <summary>Trello, "Webhooks: webhook signatures": HMAC-SHA1 of the body and the callback URL.</summary>
    private static readonly SignatureScheme Trello = new()
    {
        SignatureHeader = "X-Trello-Webhook",
        Versions = [new("", SignatureAlgorithm.HmacSha1, SignatureEncoding.Base64)],
        Content = SignedContent.Parse("{body}{url}"),
        DeliveryId = FieldLocator.Parse("body:/action/id"),
        EventType = FieldLocator.Parse("body:/action/type"),
        Handshakes = [Head],
    };

    /// <summary>Twitch EventSub, "Handling webhook events".</summary>
    private static readonly SignatureScheme Twitch = new()
    {
        SignatureHeader = "Twitch-Eventsub-Message-Signature",
        IdHeader = "Twitch-Eventsub-Message-Id",
        TimestampHeader = "Twitch-Eventsub-Message-Timestamp",
        TimestampFormat = TimestampFormat.Iso8601,
        Versions = [Sha256],
        Content = SignedContent.Parse("{id}{timestamp}{body}"),
        Tolerance = TimeSpan.FromMinutes(10),
        DeliveryId = FieldLocator.Parse("header:Twitch-Eventsub-Message-Id"),
        EventType = FieldLocator.Parse("header:Twitch-Eventsub-Subscription-Type | value:unknown"),
        Handshakes =
        [
            new()
            {
                Name = "webhook_callback_verification",
                When = [FieldCondition.Parse("header:Twitch-Eventsub-Message-Type=webhook_callback_verification")],
                Challenge = FieldLocator.Parse("body:/challenge"), Body = Handshake.ChallengeField, ContentType = "text/plain",
            },
        ],
    };

    /// <summary>X, "Webhooks: securing webhooks": the consumer secret signs bodies and answers the CRC.</summary>
    private static readonly SignatureScheme X = new()
    {
        SignatureHeader = "x-twitter-webhooks-signature",
        Versions = [Base64Hmac with { Prefix = "sha256=" }],
        Content = Body,
        DeliveryId = FieldLocator.Parse("digest"),
        EventType = FieldLocator.Parse("value:activity"),
        Handshakes =
        [
            new()
            {
                Name = "CRC", Method = "GET", IsSigned = false, Challenge = FieldLocator.Parse("query:crc_token"),
                Body = """{"response_token":"sha256={hmac:base64}"}""",
            },
        ],
    };

    /// <summary>
    /// Okta, "Event hooks": the authorization secret itself, in the header Authorization. The first GET has a challenge.
    /// </summary>
    private static readonly SignatureScheme Okta = new()
    {
        SignatureHeader = "Authorization",
        Versions = [Token],
        Content = Body,
        DeliveryId = FieldLocator.Parse("body:/eventId"),
        EventType = FieldLocator.Parse("body:/data/events/0/eventType | body:/eventType"),
        Handshakes =
        [
            new()
            {
                Name = "verification", Method = "GET", IsSigned = false,
                Challenge = FieldLocator.Parse("header:x-okta-verification-challenge"),
                Body = """{"verification":"{challenge}"}""",
            },
        ],
    };

    /// <summary>The schemes by name.</summary>
    public static readonly IReadOnlyDictionary<string, SignatureScheme> ByName =
        new Dictionary<string, SignatureScheme>(StringComparer.Ordinal)
        {
            ["gitlab"] = GitLab,
            ["gitlab-token"] = GitLabToken,
            ["bitbucket"] = Bitbucket,
            ["jira"] = Jira,
            ["linear"] = Linear,
            ["notion"] = Notion,
            ["zoom"] = Zoom,
            ["hubspot"] = HubSpot,
            ["sendgrid"] = SendGrid,
            ["mailgun"] = Mailgun,
            ["paypal"] = PayPal,
            ["sns"] = Sns,
            ["eventgrid"] = EventGrid,
            ["eventgrid-entra"] = EventGridEntra,
            ["cloudevents"] = CloudEvents,
            ["pubsub"] = PubSub,
            ["plaid"] = Plaid,
            ["adyen"] = Adyen,
            ["adyen-platform"] = AdyenPlatform,
            ["docusign"] = DocuSign,
            ["intercom"] = Intercom,
            ["telegram"] = Telegram,
            ["microsoft-graph"] = MicrosoftGraph,
            ["calendly"] = Calendly,
            ["typeform"] = Typeform,
            ["woocommerce"] = WooCommerce,
            ["dropbox"] = Dropbox,
            ["asana"] = Asana,
            ["trello"] = Trello,
            ["twitch"] = Twitch,
            ["x"] = X,
            ["okta"] = Okta,
        };
}
