using System.Buffers;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Redaction;

/// <summary>A shape of credentials: what matches is replaced, but only text with one of the keywords is searched. Matching is
/// linear in the text's length whatever the text is.</summary>
internal sealed class RedactionPattern(string[] keywords, string shape, string replacement = Redactor.Replacement)
{
    private readonly Regex _regex = new(shape, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    private readonly SearchValues<string> _search = SearchValues.Create(keywords, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<string> Keywords => keywords;

    public string Replace(string text) => text.AsSpan().ContainsAny(_search) ? _regex.Replace(text, replacement) : text;

    /// <summary>What names end in whose value is a credential.</summary>
    public static readonly string[] CredentialNames =
        ["authorization", "api-key", "api_key", "apikey", "token", "secret", "password"];

    // authorization: x · "token": "x" · {\"token\":\"x\"} · headers["x-api-key"] = 'x' · secret => x
    private const string Name = """(?i)(?<name>(?:authorization|api[-_]?key|token|secret|password)(?:\\*["'])?\]?\s*[:=]+>?\s*)""";

    // A quoted value goes up to its closing quote, or to the line's end where the text was cut off.
    private const string Quoted = """(?<quote>")(?:[^"\\\r\n]|\\.)*"?|(?<quote>\\+")[^"\r\n]*"?|(?<quote>')[^'\r\n]*'?""";

    private const string Unquoted = """(?:(?:bearer|basic|digest|negotiate|token|apikey)\s+)?\S+""";

    public static readonly RedactionPattern[] All =
    [
        // The name stays, so that a reader sees what was there.
        new(CredentialNames, $"{Name}(?:{Quoted}|{Unquoted})", "${name}${quote}" + Redactor.Replacement + "${quote}"),
        new(["bearer"], """(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{8,}"""),
        // The letter before would make it an ordinary word: "task-", "disk-", "risk-".
        new(["sk-"], """(?<before>^|[^A-Za-z])sk-(?:(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{8,}|[A-Za-z0-9]{8,}[A-Za-z0-9_-]*)""",
            "${before}" + Redactor.Replacement),
        new(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "gh[pousr]_[A-Za-z0-9]{20,}"),
        new(["whsec_"], "whsec_[A-Za-z0-9+/=_-]{16,}"),
    ];
}
