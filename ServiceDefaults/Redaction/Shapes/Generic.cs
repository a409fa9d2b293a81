using System.Buffers;
using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Credentials that their place or their format gives away, whoever issued them.</summary>
internal static class Generic
{
    // authorization: bearer x · token=x · secret => x · token%3Dx · "token": x · {\"token\":["x"]} · headers["x-api-key"] = 'x'
    private const string Separator = """(?:\\*["']|%22)?\]?\s*(?:[:=]+>?|%3[AaDd])\s*(?:\[\s*)?""";

    // A quoted value goes up to its closing quote, or to the line's end where the text was cut off.
    private const string Quoted = """
        "(?<secret>(?:[^"\\\r\n]|\\.)+)|\\+"(?<secret>[^"\r\n]+?)(?:\\+"|"|[\r\n]|\z)|'(?<secret>[^'\r\n]+)|%22(?<secret>(?:[^%\s&]|%[013-9A-Fa-f]|%2[013-9A-Fa-f])+)
        """;

    private const string Plain = @"(?<secret>(?:(?i:bearer|basic|digest|negotiate|token|apikey|bot|aws4-hmac-sha256)\s+)?\S+)";

    // Up to what ends it, or to all that follows where the text was cut off. The body is base64, folded in real or in escaped
    // lines; a first line that is shorter is a sentence about such keys.
    private const string PrivateKey = """
        [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s"'+,]|\\+[nrt]|%0[AaDd])*(?:[A-Za-z0-9+/=]{16}|Proc-Type|Version|Comment)(?:[^-]|-[^-])*(?:-----END[A-Z0-9 ]*-----)?
        """;

    private static readonly SearchValues<char> EndsOfUser = SearchValues.Create("@/ \"'<>\\\r\n");

    public static readonly RedactionPattern[] All =
    [
        After("named like a credential", CredentialName.Spellings, $"{Separator}(?:{Quoted}|{Plain})"),
        After("command line option", ["--token ", "--secret ", "--password ", "--api-key "], """(?<secret>"[^"\r\n]+|'[^'\r\n]+|[^ "'-][^ \t\r\n]{2,})"""),
        After("cookie header", ["cookie: "], """(?<secret>[^ =;\r\n]+=[^\r\n"']+)"""),
        // A word after it would be the sentence's: "bearer authentication".
        After("bearer token", ["bearer "], " *(?:[A-Za-z]*[0-9._~+/=-][A-Za-z0-9._~+/=-]{7,}|[A-Za-z]{16,})"),
        After("basic authentication", ["basic "], " *(?<secret>[A-Za-z0-9+/]{10,}={1,2}|[A-Za-z+/]*[0-9][A-Za-z0-9+/]{11,})"),
        After("password, or a token as the user, in a URL", ["://"],
            """(?:[^ \r\n/?#:@"'<>\\]*:(?<secret>[^ \r\n/"'<>\\]+)|(?<secret>[A-Za-z0-9_~.-]{20,}))@""", mayFollow: IsUser),
        After("password of a connection string", [";pwd", "; pwd"], """ ?= ?(?<secret>[^; \r\n"']+)"""),
        After("curl's user option", ["curl "], """[^\r\n]{0,100}?(?:-u|--user)[ =]?["']?[^ :"']+:(?<secret>[^ "'\r\n]+)"""),
        After("netrc", ["login "], "[^ \t\r\n]+[ \t\r\n]+password[ \t\r\n]+(?<secret>[^ \t\r\n]+)"),
        After("npm's and Docker's auth", ["_auth"], """["']? *[:=] *["']?(?<secret>[A-Za-z0-9+/]{12,}={0,2})"""),
        After("Kubernetes client key", ["client-key-data"], """["']? *: *["']?(?<secret>[A-Za-z0-9+/=]{16,})"""),
        After("private key, PEM or PGP", ["-----BEGIN"], PrivateKey, spansLines: true),
        After("private key, PuTTY", ["Private-Lines:"], @" [0-9]+(?<secret>(?:(?:[ \r\n]|\\+[nr])+[A-Za-z0-9+/=]{16,})+)",
            spansLines: true),
        Token("private key, age", ["AGE-SECRET-KEY-1", "AGE-SECRET-KEY-PQ-1"], "[A-Z0-9]{50,}"),
        Word("JSON Web Token", ["eyJ"], @"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",
            notAfter: before => char.IsAsciiLetterOrDigit(before) || before is '-' or '_'),
        Token("PASETO",
            ["v1.local.", "v2.local.", "v3.local.", "v4.local.", "v1.public.", "v2.public.", "v3.public.", "v4.public."],
            "[A-Za-z0-9_-]{32,}"),
        Token("Standard Webhooks", ["whsec_", "whsk_"], "[A-Za-z0-9+/=_-]{16,}"),
    ];

    // Most URLs have no user, and to see that this way takes a tenth of the regex's time.
    private static bool IsUser(ReadOnlySpan<char> rest) =>
        rest.IndexOfAny(EndsOfUser) is >= 0 and var at && rest[at] == '@';
}
