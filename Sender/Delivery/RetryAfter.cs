using System.Globalization;
using System.Net.Http.Headers;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Reads the Retry-After of an answer (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    // A longer wait only means "not soon". The limit prevents overflow when the wait is added to a time.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>
    /// Returns the wait from now. The header contains seconds or an HTTP-date in any of its three forms. A date in the past is
    /// zero, and anything longer than a year is a year. Null when the header is absent or invalid.
    /// </summary>
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        if (!response.Headers.NonValidated.TryGetValues("Retry-After", out var values) || values.Count != 1)
        {
            return null;
        }

        var value = values.ToString().Trim();
        if (value.Length > 0 && value.All(char.IsAsciiDigit))
        {
            return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds < Longest.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : Longest;
        }

        return RetryConditionHeaderValue.TryParse(value, out var header) && header.Date is { } date ? Within(date - now) : null;
    }

    private static TimeSpan Within(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
}
