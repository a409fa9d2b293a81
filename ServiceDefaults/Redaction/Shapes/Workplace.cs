using System.Buffers;
using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Trackers, documents, design, customer relations, content, identity.</summary>
internal static class Workplace
{
    private const string Uuid = "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public static readonly RedactionPattern[] All =
    [
        Token("Linear", ["lin_api_", "lin_oauth_", "lin_wh_"], "[A-Za-z0-9]{32,}"),
        Word("Notion", ["secret_"], "[A-Za-z0-9]{43}"),
        Token("Notion", ["ntn_"], "[A-Za-z0-9]{40,}"),
        Token("Atlassian", ["ATATT3", "ATCTT3", "ATSTT3", "ATOTT3"], "[A-Za-z0-9_=-]{50,}"),
        Assigned("Atlassian", ["atlassian"], "[A-Za-z0-9]{24}"),
        Found("Asana", ["0/1", "1/1", "2/1"], Asana),
        Assigned("Asana", ["asana"], "[0-9]/[0-9]{10,20}(?:/[0-9]{10,20})?:[a-f0-9]{32}|[a-z0-9]{32}"),
        Token("Figma", ["figd_", "figo_", "figu_", "figdr_", "figoh_", "figor_"], "[A-Za-z0-9_-]{40,}"),
        Found("Airtable", ["pat"], Airtable),
        Assigned("Airtable", ["airtable"], "[A-Za-z0-9]{17}"),
        Word("ClickUp", ["pk_"], "[0-9]{6,12}_[A-Z0-9]{32}"),
        Word("Klaviyo", ["pk_"], "[a-f0-9]{34}"),
        Token("Trello", ["ATTA"], "[A-Za-z0-9]{64,}"),
        Assigned("Trello", ["trello"], "[A-Za-z0-9]{32}"),
        Assigned("Shortcut", ["shortcut_", "clubhouse"], Uuid),
        Assigned("Dropbox", ["dropbox"], @"sl\.[A-Za-z0-9_-]{130,152}|[A-Za-z0-9]{11}AAAAAAAAAA[A-Za-z0-9_-]{43}"),
        Word("Dropbox, short-lived", ["sl."], "(?:u\\.)?[A-Za-z0-9_=-]{130,}"),
        Token("Frame.io", ["fio-u-"], "[A-Za-z0-9_=-]{64}"),
        Assigned("Intercom", ["intercom"], "[A-Za-z0-9_-]{60}"),
        Word("Intercom", ["dG9rO"], "[A-Za-z0-9+/]{50,}={0,2}"),
        Assigned("Zendesk", ["zendesk"], "[A-Za-z0-9]{40}"),
        Assigned("Freshdesk", ["freshdesk", "freshservice"], "[A-Za-z0-9]{20}"),
        Token("HubSpot", ["pat-na1-", "pat-na2-", "pat-eu1-", "pat-ap1-"], Uuid),
        Assigned("HubSpot", ["hubspot"], $"(?i:{Uuid})"),
        Word("Salesforce session", ["00D"], "[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,}"),
        Assigned("Salesforce", ["salesforce", "sfdc"], "[A-Z0-9]{64}|[A-Za-z0-9]{24}"),
        Token("Typeform", ["tfp_"], "[A-Za-z0-9_.=-]{44,}"),
        Assigned("Contentful", ["contentful"], "[A-Za-z0-9_-]{43}"),
        Token("Contentful", ["CFPAT-"], "[A-Za-z0-9_-]{43}"),
        Assigned("Squarespace", ["squarespace"], Uuid),
        Assigned("Okta", ["okta"], "00[A-Za-z0-9_-]{40}"),
        Assigned("Auth0", ["auth0"], "[A-Za-z0-9_-]{64}"),
        Token("WorkOS and Clerk", ["sk_live_", "sk_test_"], "[A-Za-z0-9+/=]{20,}"),
        Assigned("JumpCloud", ["jumpcloud"], "[a-z0-9]{40}"),
        Assigned("Yelp", ["yelp"], "[A-Za-z0-9_-]{128}"),
        Assigned("LaunchDarkly", ["launchdarkly"], "[A-Za-z0-9_-]{40}"),
        Word("LaunchDarkly", ["sdk-", "mob-"], Uuid),
        After("deploy hook", ["api.vercel.com/v1/integrations/deploy/"], "[A-Za-z0-9_-]+/(?<secret>[A-Za-z0-9_-]{8,})"),
        After("deploy hook", ["api.render.com/deploy/"], @"[a-z0-9-]+\?key=(?<secret>[A-Za-z0-9_-]{8,})"),
        After("deploy hook", ["api.netlify.com/build_hooks/"], "(?<secret>[a-f0-9]{20,})"),
        Word("Statsig", ["secret-"], "[A-Za-z0-9]{40,}"),
        Word("Zoho", ["1000."], @"[a-f0-9]{32}\.[a-f0-9]{32}"),
        Token("Stytch", ["secret-test-", "secret-live-"], "[A-Za-z0-9_-]{30,}={0,2}"),
        Assigned("Optimizely", ["optimizely"], "2:[A-Za-z0-9_-]{40,}"),
        Assigned("Beamer", ["beamer"], "b_[A-Za-z0-9_-]{44}"),
        Assigned("Bynder", ["bynder"], "[a-f0-9]{64}"),
        Assigned("RapidAPI", ["rapidapi"], "[A-Za-z0-9_-]{50}"),
    ];

    // 1/1200012345678901:… or 2/…/…:… with 32 hexadecimal digits; most of what begins so is a date.
    private static Range? Asana(ReadOnlySpan<char> text, int at)
    {
        var end = at + 2;
        while (end < text.Length && end - at < 42 && (char.IsAsciiDigit(text[end]) || text[end] == '/'))
        {
            end++;
        }

        return end - at > 9 && text.CharacterAt(end) == ':' && end + 33 <= text.Length
            && !char.IsAsciiDigit(text.CharacterAt(at - 1))
            && text.Slice(end + 1, 32).IndexOfAnyExcept(HexDigits) < 0
                && !char.IsAsciiLetterOrDigit(text.CharacterAt(end + 33)) ? at..(end + 33) : null;
    }

    // pat, 14 characters, a dot, 64 hexadecimal digits: "path" and "pattern" are seen to be none by the dot.
    private static Range? Airtable(ReadOnlySpan<char> text, int at) =>
        text.CharacterAt(at + 17) == '.' && text[at..].StartsWith("pat") && at + 82 <= text.Length
            && !char.IsAsciiLetterOrDigit(text.CharacterAt(at - 1))
        && text.Slice(at + 18, 64).IndexOfAnyExcept(HexDigits) < 0 ? at..(at + 82) : null;
}
