namespace Aspire.Webhooks.Storage;

/// <summary>A message's id, which receivers see as <c>webhook-id</c>: <c>msg_</c> and a UUIDv7, so that the order of ids is that of time.</summary>
public static class MessageId
{
    private const string Prefix = "msg_";

    public static string Of(Guid id) => $"{Prefix}{id:N}";

    /// <summary>The UUID in an id that <see cref="Of"/> made.</summary>
    public static Guid ToGuid(string id) => Guid.ParseExact(id.AsSpan(Prefix.Length), "N");
}
