namespace Aspire.Webhooks.Receiver.Api;

/// <summary>Messages that match a query.</summary>
/// <param name="Data">In the order of their times, then of their ids; one page.</param>
/// <param name="Total">How many match, whatever the page.</param>
public sealed record PhoneMessagePage(IReadOnlyList<PhoneMessageView> Data, long Total);

/// <summary>A phone message.</summary>
/// <param name="Ts">The sender's time, in UTC.</param>
/// <param name="CreatedAt">When we received it, in UTC.</param>
public sealed record PhoneMessageView(
    string MessageId, string FromMsisdn, string ToMsisdn, DateTime Ts, string? Text, DateTime CreatedAt);

/// <summary>All messages in numbers.</summary>
/// <param name="MessagesPerSender">The ten who sent most, most first; of equals the smaller number first.</param>
/// <param name="FirstMessageTs">Null when there is no message.</param>
/// <param name="LastMessageTs">Null when there is no message.</param>
public sealed record PhoneMessageStats(
    long TotalMessages,
    long SendersCount,
    IReadOnlyList<SenderCount> MessagesPerSender,
    DateTime? FirstMessageTs,
    DateTime? LastMessageTs);

/// <summary>How many messages a sender has sent.</summary>
public sealed record SenderCount(string FromMsisdn, long Count);
