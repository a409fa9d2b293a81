using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Receiver.Intake;

// No line carries bytes of an unverified request: source names are ours, verdicts and statuses are enums.
internal static partial class ReceiveLog
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Information, Message = "{Source} sent {EventType} {DeliveryId}; it is event {EventId}.")]
    public static partial void Accepted(ILogger logger, string source, string eventType, string deliveryId, Guid eventId);

    [LoggerMessage(EventId = 2202, Level = LogLevel.Information, Message = "{Source} sent {DeliveryId} again.")]
    public static partial void Duplicate(ILogger logger, string source, string deliveryId);

    [LoggerMessage(EventId = 2203, Level = LogLevel.Warning, Message = "A request to {Source} was rejected: {Verdict}.")]
    public static partial void Rejected(ILogger logger, string source, VerificationResult verdict);

    [LoggerMessage(EventId = 2204, Level = LogLevel.Warning, Message = "A request to {Source} could not be read; it was answered {Status}.")]
    public static partial void Unreadable(ILogger logger, string source, int status);

    [LoggerMessage(EventId = 2205, Level = LogLevel.Warning, Message = "A verified request of {Source} lacks a usable delivery id at {DeliveryId} or type at {EventType}.")]
    public static partial void Incomplete(ILogger logger, string source, FieldLocator deliveryId, FieldLocator eventType);

    [LoggerMessage(EventId = 2206, Level = LogLevel.Warning, Message = "A verified request of {Source} is not JSON.")]
    public static partial void NotJson(ILogger logger, string source);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Warning, Message = "A verified message of {Source} has errors in {Fields}; it was answered 422.")]
    public static partial void InvalidFields(ILogger logger, string source, string fields);
}
