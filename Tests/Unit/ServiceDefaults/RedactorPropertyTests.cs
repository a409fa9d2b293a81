using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Unit.Signing;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class RedactorPropertyTests
{
    private static readonly string[] Pieces =
    [
        "authorization", "X-Api-Key", "token", "Secret", ":", "=", " ", "\t", "\n", "\"", "'", "\\", "\\\"", "{", "}", ",",
        "Bearer ", "sk-abc123def456", "ghp_abcdefghijklmnopqrst", "configured/secret+1", "Y29uZmlndXJlZC9zZWNyZXQrMQ==", "x", "é",
        "😀", "***redacted***",
    ];

    // What begins another word of code, and a quotation that ends before a value.
    private static readonly Regex NoValue = new(
        @"^(?:[,;&]|[\w-]+[({]|[\\""']+[,;:)}\]+])", RegexOptions.None, TimeSpan.FromSeconds(5));

    private static readonly string[] Names = ["authorization", "X-Api-Key", "token", "Secret", "Bearer"];

    // The three patterns as the specification gives them.
    private static readonly Regex[] Specified =
    [
        new(@"(?i)(?:authorization|x-api-key|token|secret)\s*[:=]\s*(?<value>\S+)", RegexOptions.None, TimeSpan.FromSeconds(5)),
        new("(?<value>(?<![A-Za-z])sk-[A-Za-z0-9]{8,})", RegexOptions.None, TimeSpan.FromSeconds(5)),
        new("(?<value>gh[pousr]_[A-Za-z0-9]{20,})", RegexOptions.None, TimeSpan.FromSeconds(5)),
    ];

    private static readonly string[] Syntax =
    [
        .. Pieces, "password", "pass", "key", "api", "id", "session", "auth", "cookie", "pin", "value", "name", "type", "string",
        "1234", "Xk7Qm2Lp9Rt4Vz8n", "sid=Xk7Qm2Lp9Rt4Vz8n", "datadog", "0123456789abcdef0123456789abcdef", "<", ">", "</", "/>",
        "<![CDATA[", "]]>", "[", "]", "(", ")", "|", "||", "??", "->", "=>",
        ":=", "-", "- ", "--", "\r\n", "\n  ", "`", "«", "»", "“", "”", "**", "$", "${", "%", "%22", "%3D", "%25", "\\n",
        "\\u0022", "&quot;", "&amp;", "&", "://", "@", "curl ", "-u ", "mysql ", "-p", "identified by ", "'", "''", "\"\"",
        "null", "see", "config.", "getToken(", ";", ",", ".", "-----BEGIN PRIVATE KEY-----", "form-data; name=\"",
    ];

    private static readonly Redactor Redactor = new(["configured/secret+1"]);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Redacting_again_changes_nothing(int seed) =>
        Assert.All(Texts(seed), text => Assert.Equal(Redactor.Redact(text), Redactor.Redact(Redactor.Redact(text))));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_configured_secret_survives(int seed) => Assert.All(Texts(seed), text =>
    {
        Assert.DoesNotContain("configured/secret+1", Redactor.Redact(text), StringComparison.Ordinal);
        Assert.DoesNotContain("Y29uZmlndXJlZC9zZWNyZXQr", Redactor.Redact(text), StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_the_specified_patterns_find_afterwards_is_only_the_replacement(int seed) => Assert.All(Texts(seed), text =>
    {
        var redacted = Redactor.Redact(text);
        // Signs, a scheme or a further name is all that may stand where the specification's value begins.
        foreach (
            var value in Specified.SelectMany(pattern => pattern.Matches(redacted)).Select(match => match.Groups["value"].Value))
        {
            var rest = Names.Aggregate(value, (left, name) => left.Replace(name, "", StringComparison.OrdinalIgnoreCase));
            Assert.True(
                value.Contains(Redactor.Replacement, StringComparison.Ordinal) || !rest.Any(char.IsLetterOrDigit)
                    || NoValue.IsMatch(value), redacted);
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_redacted_is_never_passed_over_by_the_quick_look(int seed) => Assert.All(Texts(seed), text =>
        Assert.True(ReferenceEquals(Redactor.Redact(text), text) == Redactor.Find(text).AreEmpty, text));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_text_s_escapes_change_nothing_of_what_is_redacted(int seed) => Assert.All(Texts(seed), text =>
    {
        // Every character escaped, so that nothing is found but by what the string says.
        var escaped = string.Concat(text.Select(character => $"\\u{(int)character:x4}"));

        using var redacted = JsonDocument.Parse(Redactor.Redact($$"""{"note":"{{escaped}}"}"""));

        Assert.Equal(Redactor.Redact("note", text), redacted.RootElement.GetProperty("note").GetString());
    });

    // Whatever stands beside whatever.
    [Fact]
    public void Any_text_is_redacted_without_a_configured_secret_and_settles() => Fuzz.Try(
        random =>
        {
            var text = Fuzz.Text(random, 14, Syntax);

            var redacted = Redactor.Redact(text);

            Assert.DoesNotContain("configured/secret+1", redacted, StringComparison.Ordinal);
            // Once, a credential may turn out to be longer: what ended it was part of another.
            var again = Redactor.Redact(redacted);
            Assert.Equal(again, Redactor.Redact(again));
        },
        rounds: 20_000);

    private static List<string> Texts(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 500).Select(_ => string.Concat(random.GetItems(Pieces, random.Next(1, 15))))];
    }
}
