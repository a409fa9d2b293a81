using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Api;
using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>360 000 random and mutated inputs: none throws, and what is let through is what Postgres takes.</summary>
public sealed class PhoneMessagePropertyTests
{
    private const int Inputs = 12_000;
    private const string Base = """{"message_id":"msg_001","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00.25+01:00","text":"Hello 🎉"}""";

    private static readonly string[] Pieces =
    [
        "\"", "\\", "\\u0000", "\\ud800", "\\udc00", "\\ud83c\\udf89", "🎉", "é", "٣", "+", "-", "Z", "T", ":", ".", "0", "9", "{",
        "}", "[", "]", ",", "null", "true", "1e999", "\n", "\\n", "from", "ts", " ", "2025-12-07T10:30:00Z", "+14155552671",
        "\"text\":\"x\",",
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_body_is_a_message_that_can_be_stored_or_has_errors(int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < Inputs; n++)
        {
            using var json = TryParse(n % 2 == 0 ? Mutated(random, Base) : MutatedFields(random));
            if (json is null)
            {
                continue;
            }

            var errors = new FieldErrors();
            var message = PhoneMessage.Read(json.RootElement, errors);

            Assert.Equal(message is null, errors.Any);
            if (message is not null)
            {
                Assert.True(PhoneMessage.IsE164(message.From) && PhoneMessage.IsE164(message.To));
                Assert.InRange(message.MessageId.Length, 1, 255);
                Assert.DoesNotContain('\0', message.MessageId + message.Text);
                Assert.True(message.Text is null || message.Text.EnumerateRunes().Count() <= 4096);
                Assert.Equal(0, message.Ts.Ticks % TimeSpan.TicksPerMicrosecond);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_timestamp_is_refused_or_the_moment_that_the_library_reads_too(int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < Inputs; n++)
        {
            var text = Mutated(random, "2025-12-07T10:30:00.25+01:00");
            if (Iso8601.Parse(text) is { } time && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var expected))
            {
                Assert.Equal(expected.UtcTicks / TimeSpan.TicksPerMicrosecond, time.UtcTicks / TimeSpan.TicksPerMicrosecond);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_query_is_read_or_has_errors(int seed)
    {
        var random = new Random(seed);
        for (var n = 0; n < Inputs; n++)
        {
            var errors = new FieldErrors();
            var query = PhoneMessageFilter.Read(
                Mutated(random, "50"), Mutated(random, "0"), Mutated(random, "+14155552671"),
                Mutated(random, "2025-12-07T10:30:00Z"), Mutated(random, "He\ud800\0%"), errors);
            Assert.Equal(query is null, errors.Any);
        }
    }

    private static JsonDocument? TryParse(string text)
    {
        try
        {
            return JsonDocument.Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // JSON always, whatever its fields are.
    private static string MutatedFields(Random random) => JsonSerializer.Serialize(
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["message_id"] = Mutated(random, "msg_001"),
            ["from"] = Mutated(random, "+14155552671"),
            ["to"] = Mutated(random, "+14155552672"),
            ["ts"] = Mutated(random, "2025-12-07T10:30:00.25+01:00"),
            ["text"] = random.Next(20) switch
            {
                0 => null,
                1 => Mutated(random, new string('é', random.Next(4090, 4100))),
                _ => Mutated(random, "Hello 🎉"),
            },
        },
        JsonSerializerOptions.Default);

    // Most stay close to what is valid: up to three cuts, repetitions or insertions.
    private static string Mutated(Random random, string text)
    {
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var end = Math.Min(text.Length, at + random.Next(1, 6));
            text = random.Next(3) switch
            {
                0 => text[..at] + text[end..],
                1 => text[..end] + text[at..],
                _ => text[..at] + Pieces[random.Next(Pieces.Length)] + text[at..],
            };
        }

        return text;
    }
}
