namespace Aspire.Webhooks.Storage;

/// <summary>
/// The id of a message, which receivers see as <c>webhook-id</c>: <c>msg_</c> and a UUIDv7, so that ids are in the order of time.
/// </summary>
public static class MessageId
{
    private const string Prefix = "msg_";

    public static string Of(Guid id) => $"{Prefix}{id:N}";

    /// <summary>Returns the UUID in an id that <see cref="Of"/> made.</summary>
    public static Guid ToGuid(string id) => Guid.ParseExact(id.AsSpan(Prefix.Length), "N");
}
