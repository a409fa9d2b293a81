using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Puts untrusted text into a prompt as data. Two lines with a random mark enclose it. The author of the text cannot have written
/// them, because the mark is created with the prompt. Invisible characters are made visible.
/// </summary>
public static class UntrustedText
{
    /// <summary>Creates a mark of 128 random bits, one for each run.</summary>
    public static string NewBoundary() => $"data-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    /// <summary>Encloses the text between two lines with the boundary.</summary>
    /// <param name="label">A trusted description of the text and its origin.</param>
    /// <exception cref="ArgumentException">The text contains the boundary.</exception>
    public static string Enclose(string text, string label, string boundary) =>
        text.Contains(boundary, StringComparison.OrdinalIgnoreCase)
            ? throw new ArgumentException("The text contains the boundary.", nameof(boundary))
            : $"[{boundary} begin: {label}]\n{Visible(text)}\n[{boundary} end]";

    /// <summary>Returns the text with invisible characters spelled out; see <see cref="VisibleText"/>.</summary>
    public static string Visible(string text) => VisibleText.Of(text);
}
