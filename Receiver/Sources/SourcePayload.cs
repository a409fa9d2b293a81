namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>What the bodies of a source are, beyond an id and a type.</summary>
public enum SourcePayload
{
    /// <summary>Whatever the provider sends. Setting: <c>any</c>.</summary>
    Any,

    /// <summary>
    /// Phone messages: validated before they are stored, shown by <c>GET /messages</c>. Setting: <c>phone-message</c>.
    /// </summary>
    PhoneMessage,
}

public static class SourcePayloads
{
    /// <summary>The payloads by the names that settings use, in any case.</summary>
    public static readonly IReadOnlyDictionary<string, SourcePayload> ByName =
        new Dictionary<string, SourcePayload>(StringComparer.OrdinalIgnoreCase)
        {
            ["any"] = SourcePayload.Any,
            ["phone-message"] = SourcePayload.PhoneMessage,
        };
}
