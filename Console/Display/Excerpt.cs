using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Console.Display;

/// <summary>The beginning of a text that may be long.</summary>
/// <param name="IsCut">Whether more follows.</param>
public sealed record Excerpt(string Text, bool IsCut)
{
    /// <summary>How many characters of a text a page shows unless the whole text is requested.</summary>
    public const int MaxLength = 8000;

    /// <summary>Returns the beginning of a text. Characters that are invisible or reorder others are spelt out.</summary>
    public static Excerpt Of(string text, int maxLength = MaxLength)
    {
        if (text.Length <= maxLength)
        {
            return new(VisibleText.Of(text), false);
        }

        // Does not split a surrogate pair.
        var end = char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength;
        return new(VisibleText.Of(text[..end]), true);
    }

    /// <summary>Returns the beginning of a name, an error or another short text.</summary>
    public static string Line(string? text, int maxLength = 300) => text is null ? "" : Of(text, maxLength) switch
    {
        { IsCut: true } cut => $"{cut.Text}…",
        var whole => whole.Text,
    };
}
