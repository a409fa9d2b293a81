using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Console.Access;

/// <summary>The pages for operators. Section <c>Webhooks:Console</c>.</summary>
public sealed class ConsoleOptions
{
    public const string Section = "Webhooks:Console";

    /// <summary>The URL of a trace in your tracing tool; <c>{trace_id}</c> stands for the id of the trace. Without it, pages show
    /// the id alone.</summary>
    public string TraceUrl { get; set; } = "";

    /// <summary>Where senders of webhooks reach the Receiver, for the URLs that people copy.</summary>
    public string ReceiverUrl { get; set; } = "";

    /// <summary>What the sign-in link carries, in Development only. The AppHost makes one for each run.</summary>
    public Secret? SignInToken { get; set; }
}
