using System.Diagnostics;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Each shape, with samples made up from it.</summary>
public sealed class ShapeTests
{
    private const int SamplesPerKeyword = 3;

    private static readonly Redactor Redactor = new([]);

    public static TheoryData<string, int> Shapes =>
        [.. RedactionPatterns.All.Index().Where(shape => shape.Item.Shape.Length > 0).Select(shape => new TheoryDataRow<string, int>(shape.Item.Name, shape.Index))];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_credential_is_taken_out_wherever_it_stands(string name, int index)
    {
        foreach (var (text, secret) in Samples(index))
        {
            foreach (var place in Places(text))
            {
                var redacted = Redactor.Redact(place);

                Assert.True(!redacted.Contains(secret, StringComparison.Ordinal), $"{name}: {place} became {redacted}");
                Assert.True(redacted.Contains(Redactor.Replacement, StringComparison.Ordinal), $"{name}: {place} became {redacted}");
                Assert.Equal(redacted, Redactor.Redact(redacted));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_credential_in_json_leaves_json_and_the_fields_beside_it(string name, int index)
    {
        foreach (var (text, secret) in Samples(index))
        {
            var note = JsonSerializer.Serialize(new { before = 1, note = $"see {text}", list = new[] { text }, after = "it" });
            foreach (var place in (string[])[note, JsonSerializer.Serialize(new { before = 1, inner = note, after = "it" })])
            {
                var redacted = JsonDocument.Parse(Redactor.Redact(place)).RootElement;

                Assert.Equal((1, "it"), (redacted.GetProperty("before").GetInt32(), redacted.GetProperty("after").GetString()));
                Assert.True(!Strings(redacted).Contains(secret, StringComparison.Ordinal), $"{name}: {place} became {redacted}");
            }
        }
    }

    [Fact]
    public void A_value_counts_beside_its_provider_s_name_in_a_field_too() =>
        Assert.All(RedactionPatterns.All.Where(pattern => pattern.IsAssigned), pattern => Assert.All(pattern.Keywords, keyword =>
        {
            var (_, secret) = ShapeSample.Of(pattern, keyword, new Random(1));

            Assert.DoesNotContain(secret, Redactor.Redact($"{keyword}.value", secret), StringComparison.Ordinal);
            Assert.Equal(
                $$"""{"{{keyword}}_value":"***redacted***","n":1}""",
                Redactor.Redact(JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal) { [$"{keyword}_value"] = secret, ["n"] = 1 })));
        }));

    [Fact]
    public void A_prefix_alone_is_no_credential() =>
        Assert.All(RedactionPatterns.All.Where(pattern => pattern.KeywordIsPrefix), pattern => Assert.All(pattern.Keywords, prefix =>
            Assert.Equal($"{prefix}x1 and {prefix}", Redactor.Redact($"{prefix}x1 and {prefix}"))));

    [Fact]
    public void Time_grows_with_the_text_and_not_faster_whatever_is_repeated() =>
        Assert.All(RedactionPatterns.All.DistinctBy(pattern => pattern.Shape, StringComparer.Ordinal), pattern =>
        {
            var keyword = pattern.Keywords[0];
            var text = string.Concat(((string[])[keyword, $"{keyword}-"]).Select(unit => string.Concat(Enumerable.Repeat(unit, 100_000 / unit.Length))));
            var clock = Stopwatch.StartNew();

            Redactor.Redact(text);

            // Measured: some 20 ms. A shape that is tried anew from each keyword to the text's end takes 10 s.
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{pattern.Name} took {clock.Elapsed}");
        });

    [Fact]
    public void Keywords_are_long_enough_to_look_for() =>
        Assert.All(RedactionPatterns.All.SelectMany(pattern => pattern.Keywords), keyword => Assert.True(keyword.Length >= 3, keyword));

    private static IEnumerable<(string Text, string Secret)> Samples(int index)
    {
        var pattern = RedactionPatterns.All[index];
        var random = new Random(index);
        return pattern.Keywords.SelectMany(keyword =>
            Enumerable.Range(0, 100 * SamplesPerKeyword).Select(_ => ShapeSample.Of(pattern, keyword, random))
                .Where(sample => pattern.Means(sample.Secret)).Take(SamplesPerKeyword));
    }

    private static IEnumerable<string> Places(string text)
    {
        yield return text;
        yield return $"It answered {text} and went away.";
        yield return $"X-Note: {text}\r\nAccept: */*\r\n";
        yield return $"first line\n{text}\nthird line";
        if (string.Equals(text, Uri.EscapeDataString(text), StringComparison.Ordinal))
        {
            yield return $"https://api.example.com/v1/things?first=1&q={text}&last=2";
            yield return $"state%3D{text}%26more%3D1";
        }
    }

    private static string Strings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => string.Join('\n', json.EnumerateObject().Select(property => Strings(property.Value))),
        JsonValueKind.Array => string.Join('\n', json.EnumerateArray().Select(Strings)),
        JsonValueKind.String => json.GetString()! is var text && text.StartsWith('{') ? Strings(JsonElement.Parse(text)) : text,
        _ => "",
    };
}
