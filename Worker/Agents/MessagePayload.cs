using System.Text.Json;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Payloads in the shape that Standard Webhooks recommends: type, timestamp, data.</summary>
internal static class MessagePayload
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="data">Its members are written in snake_case; JSON is written as it is.</param>
    public static byte[] Write<T>(string type, DateTimeOffset timestamp, T data) =>
        JsonSerializer.SerializeToUtf8Bytes(new { Type = type, Timestamp = timestamp, Data = data }, Json);
}
