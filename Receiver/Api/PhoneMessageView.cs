namespace Aspire.Webhooks.Receiver.Api;

/// <summary>A page of phone messages.</summary>
/// <param name="Data">The messages of the page, ordered by time, then by id.</param>
/// <param name="Total">The number of messages that match, on all pages.</param>
public sealed record PhoneMessagePage(IReadOnlyList<PhoneMessageView> Data, long Total);

/// <summary>A phone message.</summary>
/// <param name="Ts">The sender's timestamp in UTC.</param>
/// <param name="CreatedAt">The time of receipt in UTC.</param>
public sealed record PhoneMessageView(
    string MessageId, string FromMsisdn, string ToMsisdn, DateTime Ts, string? Text, DateTime CreatedAt);

/// <summary>Statistics of all phone messages.</summary>
/// <param name="MessagesPerSender">The ten senders with the most messages, in descending order. Equal counts are ordered by
/// number.</param>
/// <param name="FirstMessageTs">The time of the first message; null when there is none.</param>
/// <param name="LastMessageTs">The time of the last message; null when there is none.</param>
public sealed record PhoneMessageStats(
    long TotalMessages,
    long SendersCount,
    IReadOnlyList<SenderCount> MessagesPerSender,
    DateTime? FirstMessageTs,
    DateTime? LastMessageTs);

/// <summary>The number of messages of a sender.</summary>
public sealed record SenderCount(string FromMsisdn, long Count);
