using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Tests.Unit.Payloads;

public sealed class WellFormedJsonTests
{
    private const int Runs = 20_000;

    private static readonly string[] Pieces =
    [
        @"\ud83d", @"\uDE00", @"\ud83d\ude00", @"\u0041", @"\\", @"\""", @"\n", "u", "d83d", "a", "é", "😀", " ",
    ];

    [Theory]
    [InlineData(@"""a\ud83d""", "a\uFFFD")]
    [InlineData(@"""\ud83d\ud83d\ude00\ude00""", "\uFFFD😀\uFFFD")]
    [InlineData(@"""\ud83dx\ude00""", "\uFFFDx\uFFFD")]
    [InlineData(@"""\uD83D\n\uDE00""", "\uFFFD\n\uFFFD")]
    [InlineData(@"""\\ud83d\\\ud83d""", "\\ud83d\\\uFFFD")]
    [InlineData(@"""no escape""", "no escape")]
    public void A_lone_surrogate_is_replaced_and_nothing_else(string json, string expected)
    {
        Assert.Equal(expected, JsonElement.Parse(WellFormedJson.Of(json)).GetString());
        Assert.Equal(expected, PayloadJson.Text(JsonElement.Parse(json)));
    }

    [Theory]
    [InlineData(@"\")]
    [InlineData(@"\u")]
    [InlineData(@"""\ud83")]
    [InlineData(@"""\ud83d\")]
    [InlineData(@"""\ud83d\ude0")]
    [InlineData(@"""\uzzzz\ud8zz")]
    public void What_is_no_JSON_is_left_to_the_parser(string text) =>
        Assert.ThrowsAny<JsonException>(() => JsonElement.Parse(WellFormedJson.Of(text)));

    [Fact]
    public void JSON_without_one_is_the_same_memory()
    {
        var json = @"{""a"":""\ud83d\ude00\u0000\\""}"u8.ToArray();

        Assert.True(WellFormedJson.Of(json).Span == json);
    }

    [Fact]
    public void Whatever_a_string_is_made_of_it_reads_as_its_well_formed_text()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var written = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            var expected = WellFormed(written);

            var json = $$"""{"{{written}}":"{{written}}","after":1}""";
            var repaired = JsonElement.Parse(WellFormedJson.Of(json)).EnumerateObject().First();
            var asIs = JsonElement.Parse(json);

            Assert.Equal((expected, expected), (repaired.Name, repaired.Value.GetString()));
            Assert.Equal(expected, PayloadJson.Name(asIs.EnumerateObject().First()));
            Assert.Equal(expected, PayloadJson.Text(PayloadJson.Property(asIs, expected)!.Value));
            Assert.Equal(expected, PayloadJson.WellFormed(asIs).EnumerateObject().First().Value.GetString());
            Assert.NotNull(PayloadJson.Property(asIs, "after"));
        }
    }

    // The halves as characters of a string, in which .NET replaces them itself when it is encoded.
    private static string WellFormed(string written)
    {
        var text = new StringBuilder();
        for (var at = 0; at < written.Length; at++)
        {
            if (written[at] != '\\')
            {
                text.Append(written[at]);
                continue;
            }

            at++;
            text.Append(written[at] switch { 'n' => '\n', 'u' => (char)Convert.ToInt32(written[(at + 1)..(at + 5)], 16), var other => other });
            at += written[at] == 'u' ? 4 : 0;
        }

        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
