using System.Text;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.Tests.Unit.Storage;

/// <summary>
/// Everything that cuts text from outside, held to one rule: what is left can be stored, fits, and shows no part of a secret.
/// </summary>
public sealed class CutTextTests
{
    // Of letters that no other text here has.
    private const string Alphabet = "QXZJ";

    // Where reading ends, where the margin begins, and at the bound, the bytes of a part of a character.
    private const int LostAtCuts = 3 * 3;

    private static readonly string Secret = string.Concat(Enumerable.Repeat("QXZJZQJX", 125));
    private static readonly Redactor Redactor = new([Secret]);
    private static readonly ToolCalls Tools = new([], Redactor, NullLogger<ToolCalls>.Instance);

    private static readonly Cutter[] All =
    [
        new("an event's type", text => EventIdentifier.StoredType(text, Redactor), 255, CodePoints),
        new("a phone message", text => PhoneMessage.Cut(Redactor.Redact(text)), PhoneMessage.MaxTextLength, CodePoints),
        new("a reason", text => Reason.Storable(text, Redactor), Reason.MaxLength, CodePoints),
        new("a job's error", text => JobSettlement.Storable(Redactor.Redact(text)), 4096, CodePoints),
        new(
            "an attempt's answer",
            text => AttemptText.OfAnswer(Beginning(text, AttemptText.ReadBytes), [], Redactor.Redact), 4096, Bytes),
        new("an attempt's error", text => AttemptText.OfError(text, Redactor.Redact), 4096, Bytes),
        new(
            "an event's body",
            text => BodyText.Of(Encoding.UTF8.GetBytes(text), "text/plain", null, Redactor).Text, BodyText.MaxBytes, Bytes),
        new("a tool's result", Tools.Text, ToolCalls.MaxText, CodePoints),
        new(
            "a page",
            text => FetchUrl.Text(Beginning(text, FetchUrl.ReadBytes), Encoding.UTF8, Redactor), FetchUrl.MaxText, CodePoints),
        new("a field of a payload", text => PayloadText.FirstLine(Redactor.Redact(text)), 201, CodePoints)
        {
            Whole = text => text.Trim().Split('\r', '\n')[0],
            Shown = stored => stored.TrimEnd('…'),
            Added = 1,
        },
    ];

    public static TheoryData<string> Names => [.. All.Select(cutter => cutter.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_left_of_any_text_can_be_stored_and_is_as_much_of_its_beginning_as_fits(string name)
    {
        var cutter = Find(name);
        var cut = 0;
        Prop.ForAll(Texts(cutter.Max).ToArbitrary(), text =>
        {
            // Bytes that are no text are named and not shown.
            if (cutter.Stored(text) is not { } stored || stored.StartsWith("(binary", StringComparison.Ordinal))
            {
                return;
            }

            var whole = Storable(cutter.Whole(text));
            Assert.Equal(Storable(stored), stored);
            Assert.InRange(cutter.Size(stored), Math.Min(cutter.Size(whole), cutter.Max) - LostAtCuts, cutter.Max);
            Assert.StartsWith(cutter.Shown(stored), whole, StringComparison.Ordinal);
            cut += cutter.Shown(stored).Length < whole.Length ? 1 : 0;
        }).QuickCheckThrowOnFailure();
        Assert.True(cut > 10, $"Only {cut} texts were cut.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_part_of_a_secret_is_left_where_the_text_is_cut(string name)
    {
        var cutter = Find(name);
        for (var step = 0; step < 30; step++)
        {
            var before = cutter.Max - Secret.Length - 20 + (step * Secret.Length / 20);
            var text = $"{new string('.', Math.Max(0, before))} {Secret} {new string('.', cutter.Max)}";
            Assert.DoesNotContain(cutter.Stored(text)!, Alphabet.Contains);
        }
    }

    // What takes a long secret's place is shorter, and brings nearer what lies where the reading ended.
    [Theory]
    [MemberData(nameof(Names))]
    public void No_part_of_a_secret_is_left_where_the_reading_ended_and_redaction_made_the_text_shorter(string name)
    {
        var cutter = Find(name);
        foreach (var before in Enumerable.Range(0, 50).Select(step => step * Secret.Length / 50))
        {
            var secrets = string.Concat(Enumerable.Repeat($"{Secret} ", 3 * cutter.Max / Secret.Length + 20));
            Assert.DoesNotContain(cutter.Stored($"{new string('.', before)}{secrets}")!, Alphabet.Contains);
            Assert.DoesNotContain(cutter.Stored($"{new string('é', before)}{secrets}")!, Alphabet.Contains);
        }
    }

    // It made JSON none, which is judged string by string.
    [Fact]
    public void What_cannot_be_stored_does_not_hide_a_secret_in_JSON_s_escapes() => Assert.All(["\0", "\ud83d", "\ude00"], odd =>
        Assert.DoesNotContain(
            Reason.Storable($$"""{"note":"\u0051{{Secret[1..]}}","odd":"{{odd}}"}""", Redactor), Alphabet.Contains));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_text_of_as_many_characters_as_allowed_stays_whole_when_each_is_a_surrogate_pair(string name)
    {
        var cutter = Find(name);
        var text = string.Concat(Enumerable.Repeat("😀", (cutter.Max - cutter.Added) / cutter.Size("😀")));

        Assert.Equal(text, cutter.Stored(text));
    }

    [Fact]
    public void A_phone_message_loses_what_is_too_long_and_nothing_else_when_something_is_redacted()
    {
        var sent = $"{string.Concat(Enumerable.Repeat("😀", 4000))} {Secret}";

        Assert.Equal(
            $"{string.Concat(Enumerable.Repeat("😀", 4000))} {Redactor.Replacement}", PhoneMessage.Cut(Redactor.Redact(sent)));
    }

    // In one test: an attribute cannot hold half of a surrogate pair.
    [Fact]
    public void A_length_is_counted_in_code_points() => Assert.All(
        new[]
        {
            ("", 0), ("a😀b", 3), ("😀😀", 2), ("\ud83d", 1), ("\ude00\ud83d", 2), ("\ud83d\ud83d\ude00", 2),
            ("\ud83d\ude00\ude00", 2),
        },
        text => Assert.Equal(text.Item2, StorableText.Length(text.Item1)));

    [Fact]
    public void A_part_of_a_text_is_counted_in_code_points()
    {
        const string Text = "😀a😀b😀";

        Assert.Equal("😀a", StorableText.Slice(Text, 0, 2));
        Assert.Equal("😀b", StorableText.Slice(Text, 2, 2));
        Assert.Equal("😀", StorableText.Slice(Text, 4, 2));
        Assert.Equal("", StorableText.Slice(Text, 5, 2));
        Assert.Equal("", StorableText.Slice(Text, 9, 2));
        Assert.Equal(Text, string.Concat(Enumerable.Range(0, 5).Select(at => StorableText.Slice(Text, at, 1))));
    }

    private static Cutter Find(string name) => Array.Find(All, cutter => cutter.Name == name)!;

    private static int CodePoints(string text) => text.EnumerateRunes().Count();

    private static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    private static byte[] Beginning(string text, int max) =>
        Encoding.UTF8.GetBytes(text) is var bytes && bytes.Length > max ? bytes[..max] : bytes;

    private static string Storable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));

    // Near the bound in each unit, and beyond what is looked at. The end may be within a pair.
    private static Gen<string> Texts(int max) =>
        from pieces in Gen.Elements("plain text ", "words, ", "é", "日本語", "😀", "😀😀", "x").ArrayOf(30)
        from odd in Gen.Elements("", "\n", "\0", "\ud83d", "\ude00", "\ude00\ud83d")
        from at in Gen.Choose(0, 29)
        from part in Gen.Elements(0.0, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 6.5)
        from more in Gen.Choose(-5, 5)
        select Text([.. pieces[..at], odd, .. pieces[at..]], Math.Max(0, (int)(part * max) + more));

    private static string Text(string[] pieces, int length)
    {
        var text = new StringBuilder(length);
        for (var at = 0; text.Length < length; at++)
        {
            text.Append(pieces[at % pieces.Length]);
        }

        return text.ToString(0, length);
    }

    /// <param name="Name">What is cut.</param>
    /// <param name="Stored">From text to stored text; null where it is no text.</param>
    /// <param name="Max">The bound.</param>
    /// <param name="Size">In what the bound is.</param>
    private sealed record Cutter(string Name, Func<string, string?> Stored, int Max, Func<string, int> Size)
    {
        /// <summary>What of the text could be stored at most.</summary>
        public Func<string, string> Whole { get; init; } = text => text;

        /// <summary>How much of the bound is for what says that the text goes on.</summary>
        public int Added { get; init; }

        /// <summary>What of the stored text is the text's.</summary>
        public Func<string, string> Shown { get; init; } = stored => stored;
    }
}
