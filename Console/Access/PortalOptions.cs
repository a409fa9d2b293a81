namespace Aspire.Webhooks.Console.Access;

/// <summary>Settings of the merchants' portal. Section <c>Webhooks:Portal</c>.</summary>
public sealed class PortalOptions
{
    public const string Section = "Webhooks:Portal";

    private static readonly string[] Images = [".svg", ".png", ".webp"];

    /// <summary>The name in the heading of each page.</summary>
    public string Name { get; set; } = "Webhooks";

    /// <summary>The path of an image file (.svg, .png, .webp) that is shown before the name.</summary>
    public string Logo { get; set; } = "";

    /// <summary>The path of a CSS file that is loaded after our own. Its custom properties set the colours.</summary>
    public string Stylesheet { get; set; } = "";

    /// <summary>The origins that may embed the portal, as in <c>https://app.example.com</c>. By default none may.</summary>
    public List<string> FrameAncestors { get; set; } = [];

    public IEnumerable<string> Errors()
    {
        foreach (var (origin, at) in FrameAncestors.Select((origin, at) => (origin, at)))
        {
            // It becomes part of a header. Browsers ignore a value that is not an origin.
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")
                || url.GetLeftPart(UriPartial.Authority) != origin)
            {
                yield return $"{Section}:FrameAncestors:{at} is an origin, as in https://app.example.com.";
            }
        }

        if (Logo.Length > 0 && !(File.Exists(Logo) && Images.Contains(Path.GetExtension(Logo), StringComparer.OrdinalIgnoreCase)))
        {
            yield return $"{Section}:Logo is the path of a file: {string.Join(", ", Images)}.";
        }

        if (Stylesheet.Length > 0 && !File.Exists(Stylesheet))
        {
            yield return $"{Section}:Stylesheet is the path of a file.";
        }
    }
}
