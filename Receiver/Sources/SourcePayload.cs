namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>The content of the bodies of a source.</summary>
public enum SourcePayload
{
    /// <summary>Any content. Setting: <c>any</c>.</summary>
    Any,

    /// <summary>
    /// Phone messages, which are validated before they are stored and listed by <c>GET /messages</c>. Setting:
    /// <c>phone-message</c>.
    /// </summary>
    PhoneMessage,
}

public static class SourcePayloads
{
    /// <summary>The values by their names in settings, ignoring case.</summary>
    public static readonly IReadOnlyDictionary<string, SourcePayload> ByName =
        new Dictionary<string, SourcePayload>(StringComparer.OrdinalIgnoreCase)
        {
            ["any"] = SourcePayload.Any,
            ["phone-message"] = SourcePayload.PhoneMessage,
        };
}
