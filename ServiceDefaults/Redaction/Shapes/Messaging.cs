using System.Buffers;
using System.Text;
using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Chat, mail, telephony, social networks.</summary>
internal static class Messaging
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static readonly RedactionPattern[] All =
    [
        Token("Slack",
            ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxc-", "xoxd-", "xoxe-", "xoxe.xoxp-", "xoxe.xoxb-", "xapp-",
                "xwfp-"],
            "[A-Za-z0-9%+/=-]{20,}", isMeant: token => token.IndexOfAnyInRange('0', '9') >= 0),
        After("Slack webhook", ["hooks.slack.com", "hooks.slack-gov.com"],
            @"(?:\\?/|(?:%5[Cc])?%2[Ff])(?:services|workflows|triggers|actions|commands)"
                + @"(?<secret>(?:(?:\\?/|(?:%5[Cc])?%2[Ff])[A-Za-z0-9_+-]{6,}){1,5})"),
        After("Discord webhook", ["discord.com", "discordapp.com"],
            "/api/(?:v[0-9]+/)?webhooks/[0-9]{15,21}/(?<secret>[A-Za-z0-9_-]{40,})"),
        Assigned(
            "Discord", ["discord"],
            @"[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,40}|[a-f0-9]{64}|[A-Za-z0-9_-]{32}"),
        // It begins with the bot's number in base64.
        Word("Discord bot",
            [.. Enumerable.Range(100, 900).Select(digits => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{digits}")))],
            @"[A-Za-z0-9_-]{18,24}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,40}"),
        Word("Discord", ["mfa."], "[A-Za-z0-9_-]{80,}"),
        // The bot's number before the colon stays.
        Token("Telegram bot", [":AA", "%3AAA"], "[A-Za-z0-9_-]{32,34}"),
        After("Zapier webhook", ["hooks.zapier.com/hooks/catch/"], "[0-9]+/(?<secret>[A-Za-z0-9]{5,})"),
        After("Make webhook", [".make.com/", ".make.celonis.com/", "hook.integromat.com/", "hook.integromat.cloud/"],
            "(?<secret>[a-z0-9]{32})"),
        After("IFTTT webhook", ["maker.ifttt.com/trigger/"], "[^/ ]{1,100}/(?:json/)?with/key/(?<secret>[A-Za-z0-9_-]{10,})"),
        Found("Pipedream webhook", [".m.pipedream.net"], HostName),
        After("n8n webhook", [".n8n.cloud/webhook"], "(?:-test)?/(?<secret>[A-Za-z0-9-]{20,})"),
        After("Webex webhook", ["webexapis.com/v1/webhooks/incoming/"], "(?<secret>[A-Za-z0-9_-]{40,})"),
        After("Feishu webhook", ["/open-apis/bot/v2/hook/"], "(?<secret>[A-Za-z0-9-]{30,})"),
        After("WeCom webhook", ["/cgi-bin/webhook/send?key="], "(?<secret>[A-Za-z0-9-]{30,})"),
        After("Mattermost or Rocket.Chat webhook", ["/hooks/"], "(?<secret>[a-z0-9]{26}|[A-Za-z0-9]{17,24}/[A-Za-z0-9]{30,})"),
        After("Microsoft Teams webhook", [".webhook.office.com"],
            "/webhookb2/(?<secret>[A-Za-z0-9@-]{36,}/IncomingWebhook/[A-Za-z0-9]{32}/[A-Za-z0-9-]{36})"),
        Assigned("Mattermost", ["mattermost"], "[a-z0-9]{26}"),
        Assigned("Gitter", ["gitter"], "[A-Za-z0-9_-]{40}"),
        Assigned("Zoom", ["zoom_"], "[A-Za-z0-9]{32}"),
        Token("SendGrid", ["SG."], @"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,}"),
        Word("Mailgun", ["key-"], "[a-f0-9]{32}"),
        Assigned("Mailgun", ["mailgun"], "[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}|(?:key|pubkey)-[a-f0-9]{32}|[A-Za-z0-9-]{72}"),
        Found("Mailchimp", ["-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"], Mailchimp),
        Word("Mandrill", ["md-"], "[A-Za-z0-9_-]{22}",
            notAfter: before => char.IsAsciiLetterOrDigit(before) || before is '-' or '.',
            isMeant: key => key.ContainsAnyInRange('0', '9') && key.ContainsAnyInRange('A', 'Z')),
        Assigned("Mandrill", ["mandrill"], "[A-Za-z0-9_-]{22}"),
        Token("Brevo", ["xkeysib-", "xsmtpsib-"], "[a-f0-9]{64}-[A-Za-z0-9]{16}"),
        Word("Resend", ["re_"], "[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"),
        Assigned("Postmark", ["postmark"], "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Assigned("SparkPost", ["sparkpost"], "[a-f0-9]{40}"),
        Assigned("Mailjet", ["mailjet"], "[a-f0-9]{32}"),
        Assigned("Twilio", ["twilio"], "[a-f0-9]{32}"),
        Assigned("Vonage", ["vonage", "nexmo"], "[A-Za-z0-9]{16}"),
        Assigned("MessageBird", ["messagebird", "message_bird", "message-bird"], "[A-Za-z0-9]{25}"),
        Assigned("Sendbird", ["sendbird"], "[a-f0-9]{40}"),
        Assigned("Plivo", ["plivo"], "[A-Za-z0-9]{40}"),
        Assigned("Telnyx", ["telnyx"], "KEY[A-Za-z0-9_]{50,}"),
        Assigned("Pusher", ["pusher"], "[a-f0-9]{20}"),
        Token("OneSignal", ["os_v2_app_", "os_v2_org_"], "[a-z2-7]{60,}"),
        Assigned("OneSignal", ["onesignal"], "[A-Za-z0-9]{48}|[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Assigned("Ably", ["ably"], @"[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{6}:[A-Za-z0-9_-]{20,}"),
        Word("Facebook", ["EAA"], "[B-Z][A-Za-z0-9]{60,}", notAfter: IsBase64, notBefore: IsBase64),
        Assigned("Facebook", ["facebook"], @"[a-f0-9]{32}|[0-9]{15,16}(?:\||%7[Cc])[A-Za-z0-9_-]{27,40}"),
        Word("Instagram", ["IGQV", "IGQW", "IGAA"], "[A-Za-z0-9_-]{60,}"),
        Token("Twitter bearer", ["AAAAAAAAAAAAAAAAAAAAA"], "[A-Za-z0-9%]{60,}"),
        Assigned("Twitter", ["twitter"], "[0-9]{15,25}-[A-Za-z0-9]{20,40}|[A-Za-z0-9]{50}|[A-Za-z0-9]{45}|[A-Za-z0-9]{25}"),
        Token("LinkedIn", ["WPL_AP0.", "WPL_AP1."], @"[A-Za-z0-9_-]{16}\.[A-Za-z0-9+/=]{4,}"),
        Token("VK", ["vk1.a."], "[A-Za-z0-9_-]{80,}"),
        Assigned("Twitch", ["twitch"], "[a-z0-9]{30}"),
        Token("Pinterest", ["pina_"], "[A-Z0-9]{60,}"),
        Assigned("Flickr", ["flickr"], "[a-f0-9]{32}|[a-f0-9]{16}"),
        Assigned("The New York Times", ["nytimes", "newyorktimes"], "[A-Za-z0-9_-]{32}"),
    ];

    // The name of the host is the secret.
    private static Range? HostName(ReadOnlySpan<char> text, int at)
    {
        var start = at;
        while (start > 0 && at - start < 40 && char.IsAsciiLetterOrDigit(text[start - 1]))
        {
            start--;
        }

        return at - start > 8 ? start..at : null;
    }

    /// <summary>Mailgun's keys have no mark: 32 hexadecimal digits, a dash, 8 of them, a dash, 8 of them.</summary>
    public static Range? Mailgun(ReadOnlySpan<char> text, int from)
    {
        for (var at = text[from..].IndexOf('-') + from; at >= from;)
        {
            if (text.CharacterAt(at + 9) == '-' && at >= 32 && !char.IsAsciiLetterOrDigit(text.CharacterAt(at + 18))
                && !char.IsAsciiLetterOrDigit(text.CharacterAt(at - 33)) && text[(at - 32)..at].IndexOfAnyExcept(HexDigits) < 0
                && at + 18 <= text.Length && text.Slice(at + 1, 8).IndexOfAnyExcept(HexDigits) < 0 && text.Slice(at + 10, 8)
                    .IndexOfAnyExcept(HexDigits) < 0)
            {
                return (at - 32)..(at + 18);
            }

            at = text[(at + 1)..].IndexOf('-') is >= 0 and var next ? at + 1 + next : -1;
        }

        return null;
    }

    // 32 hexadecimal digits before the data centre.
    private static Range? Mailchimp(ReadOnlySpan<char> text, int at) =>
        at >= 32 && text[(at - 32)..at].IndexOfAnyExcept(HexDigits) < 0
            && (at == 32 || !char.IsAsciiLetterOrDigit(text[at - 33])) ? (at - 32)..at : null;
}
