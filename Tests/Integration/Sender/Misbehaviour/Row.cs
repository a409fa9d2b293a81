using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>What a server does, and what must come of it.</summary>
/// <param name="Script">What it does on a connection.</param>
/// <param name="Seconds">How long the attempt takes, on the controlled clock.</param>
/// <param name="Next">Seconds until the second attempt, in the middle of the jitter; null when there is none.</param>
/// <param name="Body">What the attempt log keeps of the answer.</param>
internal sealed record Row(
    string Name, Func<Wire, Task> Script, AttemptOutcome Outcome, int? Status = null, int Seconds = 0, double? Next = 1,
    string? Body = null)
{
    /// <summary>What the attempt's error contains.</summary>
    public string Error { get; init; } = "";

    public TimeSpan? RetryAfter { get; init; }

    public Certificate Certificate { get; init; } = Certificate.Good;
}

internal enum Certificate
{
    Good,
    None,
    OfAnotherName,
    Expired,
    OfAnUnknownAuthority,
}
