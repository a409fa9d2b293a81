using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Console.Display;

/// <summary>The beginning of a text that may be long.</summary>
/// <param name="IsCut">Whether more follows.</param>
public sealed record Excerpt(string Text, bool IsCut)
{
    /// <summary>The most characters that a page shows of one text, unless it is asked for the whole.</summary>
    public const int Most = 8000;

    /// <summary>The beginning of a text, with characters spelt out that are not seen or that change the order.</summary>
    public static Excerpt Of(string text, int most = Most)
    {
        if (text.Length <= most)
        {
            return new(VisibleText.Of(text), false);
        }

        // Not between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return new(VisibleText.Of(text[..end]), true);
    }

    /// <summary>A name, an error or another text of one line.</summary>
    public static string Line(string? text, int most = 300) => text is null ? "" : Of(text, most) switch
    {
        { IsCut: true } cut => $"{cut.Text}…",
        var whole => whole.Text,
    };
}
