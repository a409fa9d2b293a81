using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Queue;

internal static partial class JobLog
{
    [LoggerMessage(EventId = 1111, Level = LogLevel.Warning, Message = "{Kind} jobs cannot be claimed; retrying.")]
    public static partial void ClaimFailed(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1118, Level = LogLevel.Information, Message = "{Kind} jobs can be claimed again.")]
    public static partial void ClaimsAgain(ILogger logger, JobKind kind);

    [LoggerMessage(EventId = 1112, Level = LogLevel.Warning,
        Message = "The lease of {Kind} job {JobId} was lost; nothing is stored.")]
    public static partial void LeaseLost(ILogger logger, JobKind kind, long jobId);

    [LoggerMessage(EventId = 1113, Level = LogLevel.Error,
        Message = "The outcome of {Kind} job {JobId} could not be stored; it runs again when its lease expires.")]
    public static partial void SettleFailed(ILogger logger, JobKind kind, long jobId, Exception exception);

    [LoggerMessage(EventId = 1114, Level = LogLevel.Information, Message = "{Kind} job {JobId} is handed back unfinished.")]
    public static partial void HandedBack(ILogger logger, JobKind kind, long jobId, Exception exception);

    [LoggerMessage(EventId = 1115, Level = LogLevel.Warning, Message = "Attempt {Attempt} of {Kind} job {JobId} failed.")]
    public static partial void Failed(ILogger logger, JobKind kind, long jobId, int attempt, Exception exception);

    [LoggerMessage(EventId = 1116, Level = LogLevel.Warning, Message = "Claimed {Count} {Kind} jobs whose leases had expired.")]
    public static partial void ClaimedExpired(ILogger logger, JobKind kind, int count);

    [LoggerMessage(EventId = 1117, Level = LogLevel.Warning, Message = "The leases of {Kind} jobs cannot be renewed; retrying.")]
    public static partial void LeasesNotKept(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1119, Level = LogLevel.Debug,
        Message = "{Count} {Kind} jobs could not be settled together; each is settled alone.")]
    public static partial void NotTogether(ILogger logger, JobKind kind, int count, Exception exception);

    [LoggerMessage(EventId = 1120, Level = LogLevel.Information, Message = "The leases of {Kind} jobs are renewed again.")]
    public static partial void LeasesKept(ILogger logger, JobKind kind);

    [LoggerMessage(EventId = 1121, Level = LogLevel.Warning, Message = "The outcomes of {Kind} jobs cannot be stored; retrying.")]
    public static partial void NotSettled(ILogger logger, JobKind kind, Exception exception);

    [LoggerMessage(EventId = 1122, Level = LogLevel.Information, Message = "The outcomes of {Kind} jobs are stored again.")]
    public static partial void SettledAgain(ILogger logger, JobKind kind);

    [LoggerMessage(EventId = 1123, Level = LogLevel.Warning,
        Message = "{Count} {Kind} jobs that had not begun could not be returned; they run when their leases expire.")]
    public static partial void NotReturned(ILogger logger, JobKind kind, int count, Exception exception);

    [LoggerMessage(EventId = 1124, Level = LogLevel.Error,
        Message = "Running {Kind} job {JobId} failed unexpectedly; it runs again when its lease expires.")]
    public static partial void RunFailed(ILogger logger, JobKind kind, long jobId, Exception exception);

    [LoggerMessage(EventId = 1125, Level = LogLevel.Error,
        Message = "The outcome of {Kind} job {JobId} is stored; its metrics and log lines failed.")]
    public static partial void NotCounted(ILogger logger, JobKind kind, long jobId, Exception exception);
}
