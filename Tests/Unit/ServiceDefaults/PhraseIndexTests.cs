using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>The index finds what a plain search at each place does, whatever it leaves out.</summary>
public sealed class PhraseIndexTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_finds_each_place_where_a_phrase_begins_and_no_other(int seed)
    {
        var random = new Random(seed);
        var comparison = seed % 2 == 0 ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        // Few characters, so that phrases overlap, begin alike and lie within each other.
        string Text(int length) => new(random.GetItems("abAB_-:\"".AsSpan(), length));
        string[] phrases = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Text(random.Next(seed % 4 + 4, 20))).Distinct(StringComparer.Ordinal)];
        var index = new PhraseIndex(phrases, comparison);
        var text = string.Concat(Enumerable.Range(0, 200).Select(_ => random.Next(3) == 0 ? random.GetItems(phrases, 1)[0] : Text(random.Next(9))));

        var expected = Enumerable.Range(0, text.Length).Where(at => phrases.Any(phrase => text.AsSpan(at).StartsWith(phrase, comparison)));

        Assert.Equal(expected, Places(index, text));
        Assert.All(Places(index, text), at => Assert.Equal(
            Enumerable.Range(0, phrases.Length).Where(phrase => text.AsSpan(at).StartsWith(phrases[phrase], comparison)),
            index.Candidates(text, at).Where(phrase => index.Begins(text, at, phrase)).Order()));
    }

    [Fact]
    public void A_phrase_of_three_characters_is_found_before_each_visible_ascii_character()
    {
        var index = new PhraseIndex(["://", "longer phrase"], StringComparison.OrdinalIgnoreCase);

        Assert.All(Enumerable.Range('!', '~' - '!' + 1), next => Assert.Equal([1], Places(index, $"a://{(char)next}b")));
    }

    private static List<int> Places(PhraseIndex index, string text)
    {
        List<int> places = [];
        for (var at = index.Next(text, 0); at >= 0; at = index.Next(text, at + 1))
        {
            places.Add(at);
        }

        return places;
    }
}
