using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Puts what strangers wrote into a prompt as data: between two lines that they could not have written, because the mark in
/// them is made when the prompt is, and with everything visible that a reader would not see.
/// </summary>
public static class UntrustedText
{
    /// <summary>A mark of 128 random bits, new for each run.</summary>
    public static string NewBoundary() => $"data-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";

    /// <summary>The text between two lines that carry the boundary.</summary>
    /// <param name="label">What it is and where it comes from; ours, not a stranger's.</param>
    /// <exception cref="ArgumentException">The text contains the boundary: it is not a new one.</exception>
    public static string Enclose(string text, string label, string boundary) =>
        text.Contains(boundary, StringComparison.OrdinalIgnoreCase)
            ? throw new ArgumentException("The text contains the boundary.", nameof(boundary))
            : $"[{boundary} begin: {label}]\n{Visible(text)}\n[{boundary} end]";

    /// <summary>The same text with characters spelt out that are not seen: see <see cref="VisibleText"/>.</summary>
    public static string Visible(string text) => VisibleText.Of(text);
}
