using System.Collections.Frozen;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>
/// The headers that a merchant adds to its deliveries. Their values are treated as secrets, because many are credentials.
/// </summary>
public static class CustomHeaders
{
    public static readonly IReadOnlyDictionary<string, Secret> None = FrozenDictionary<string, Secret>.Empty;

    /// <summary>Reads decrypted JSON that <see cref="Write"/> has written; null is no headers.</summary>
    public static IReadOnlyDictionary<string, Secret> Read(Secret? json) => json is null
        ? None
        : JsonSerializer.Deserialize<Dictionary<string, string>>(json.Reveal())!
            .ToFrozenDictionary(header => header.Key, header => new Secret(header.Value), StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes the headers as JSON, which is encrypted before it is stored.</summary>
    public static Secret Write(IReadOnlyDictionary<string, Secret> headers) =>
        new(JsonSerializer.Serialize(
            headers.ToDictionary(header => header.Key, header => header.Value.Reveal(), StringComparer.OrdinalIgnoreCase)));
}
