using System.Globalization;
using System.Net.Http.Headers;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Reads the Retry-After of an answer (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    // Whoever asks for more means "not soon"; a bound keeps the sum with any time a time.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>
    /// How long to wait from now: seconds, or an HTTP-date in any of its three forms; nothing for a date that is past, a year for
    /// anything longer. Null when there is none or it is neither.
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
