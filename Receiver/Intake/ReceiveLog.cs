using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Receiver.Intake;

// Success is visible in traces and metrics: a log line for each event cost a third of its processor time. No line contains
// bytes of an unverified request: source names come from configuration, refusals from an enumeration, and details are constant
// texts.
internal static partial class ReceiveLog
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Debug,
        Message = "{Source} sent {EventType} {DeliveryId}; it is event {EventId}.")]
    public static partial void Accepted(ILogger logger, string source, string eventType, string deliveryId, Guid eventId);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Debug, Message = "{Source} sent {DeliveryId} again; it is a duplicate.")]
    public static partial void Duplicate(ILogger logger, string source, string deliveryId);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "A request to {Source} was refused: {Refusal}. {Detail}")]
    public static partial void Refused(ILogger logger, string source, Refusal refusal, string detail);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Information, Message = "{Source} verified its URL by {Handshake}.")]
    public static partial void Greeted(ILogger logger, string source, string handshake);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Information,
        Message = "{Source} requested a subscription; granted: {Granted}.")]
    public static partial void Subscribed(ILogger logger, string source, bool granted);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Warning,
        Message = "{Source} sent a verification token without a signature. Operators see it at GET /verification-tokens.")]
    public static partial void TokenSent(ILogger logger, string source);

    [LoggerMessage(EventId = 2207, Level = LogLevel.Warning,
        Message = "{Host} could not be fetched for {Source}: {Reason}")]
    public static partial void NotFetched(ILogger logger, string host, string source, string reason);
}
