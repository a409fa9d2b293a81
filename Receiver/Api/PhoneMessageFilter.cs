using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>Filters phone messages.</summary>
/// <param name="Limit">The largest number of messages, from 1 to 100.</param>
/// <param name="Offset">The number of messages to skip.</param>
/// <param name="From">Matches messages of this sender.</param>
/// <param name="Since">Matches messages of this time or later.</param>
/// <param name="Text">Matches messages whose text contains this, ignoring case.</param>
public sealed record PhoneMessageFilter(int Limit, long Offset, string? From, DateTimeOffset? Since, string? Text)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    /// <summary>
    /// Parses the values of a query string. Returns null when they have errors, all of which are added to
    /// <paramref name="errors"/>.
    /// </summary>
    public static PhoneMessageFilter? Read(
        string? limit, string? offset, string? from, string? since, string? q, FieldErrors errors)
    {
        var query = new PhoneMessageFilter(
            (int)errors.Number("limit", limit, DefaultLimit, 1, MaxLimit),
            errors.Number("offset", offset, 0, 0, long.MaxValue),
            from,
            errors.Time("since", since),
            string.IsNullOrEmpty(q) ? null : q);

        // In a query string a plus sign means a space, so a plus sign must be encoded.
        if (from is not null && !PhoneMessage.IsE164(from))
        {
            errors.Add("from", "It must be an E.164 number, such as %2B14155552671 with its plus sign encoded.");
        }

        if (q is not null
            && (StorableText.IsLonger(q, PhoneMessage.MaxTextLength) || StorableText.Of(q) != q))
        {
            errors.Add("q", $"It must be a text of at most {PhoneMessage.MaxTextLength} characters without NUL.");
        }

        return errors.Any ? null : query;
    }
}
