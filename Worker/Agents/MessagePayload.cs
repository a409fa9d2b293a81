using System.Text.Json;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Writes payloads in the format that Standard Webhooks recommends: type, timestamp, data.</summary>
internal static class MessagePayload
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Writes a payload.</summary>
    /// <param name="data">The data. Names of members are written in snake_case, except those of JSON.</param>
    public static byte[] Write<T>(string type, DateTimeOffset timestamp, T data) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Type = type, Timestamp = timestamp, Data = data }, Json);
}
