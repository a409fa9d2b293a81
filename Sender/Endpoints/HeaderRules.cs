using System.Collections.Frozen;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Validates the headers that a merchant adds to its deliveries.</summary>
public static class HeaderRules
{
    /// <summary>The value that keeps the stored value of a header when an endpoint is changed.</summary>
    public const string Keep = "***";

    public const int MaxHeaders = 10;
    public const int MaxName = 100;
    public const int MaxValue = 1024;

    private const string Field = "headers";

    private static readonly string[] OurPrefixes = [
        "webhook-", "svix-", "x-webhook-", "content-", "proxy-", "x-forwarded-", "sec-"];

    // The headers that we send, that describe the body, and that belong to the connection or to a proxy.
    private static readonly FrozenSet<string> Ours = new[]
    {
        "x-event-id", "user-agent", "traceparent", "tracestate", "baggage", "date", "accept-encoding",
        "host", "connection", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "expect", "http2-settings",
        "via", "forwarded", "max-forwards", "cookie", "cookie2", "range", "allow", "expires", "last-modified",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Validates headers.</summary>
    /// <param name="stored">The stored headers, whose values <see cref="Keep"/> keeps.</param>
    /// <returns>The valid headers by name; null when the headers are absent.</returns>
    public static IReadOnlyDictionary<string, Secret>? Read(
        IReadOnlyDictionary<string, string?>? headers, IReadOnlyDictionary<string, Secret> stored, FieldErrors errors)
    {
        if (headers is null)
        {
            return null;
        }

        if (headers.Count > MaxHeaders || headers.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count() < headers.Count)
        {
            errors.Add(Field, $"{Field} has up to {MaxHeaders} names, each of them once.");
        }

        var read = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in headers)
        {
            if (Error(name, value, stored) is { } error)
            {
                if (!errors.All.GetValueOrDefault(Field, []).Contains(error, StringComparer.Ordinal))
                {
                    errors.Add(Field, error);
                }
            }
            else
            {
                read[name] = value == Keep ? stored[name] : new Secret(value!);
            }
        }

        return read;
    }

    private static string? Error(string name, string? value, IReadOnlyDictionary<string, Secret> stored)
    {
        if (name.Length is 0 or > MaxName || !name.All(IsTokenCharacter))
        {
            return $"A name in {Field} is a token of 1 to {MaxName} characters (RFC 9110, section 5.6.2).";
        }

        var asRead = AsRead(name);
        if (Ours.Contains(asRead) || OurPrefixes.Any(prefix => asRead.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        {
            return $"A name in {Field} is none that is sent anyway or belongs to the connection: "
                + $"{string.Join("*, ", OurPrefixes)}*, {string.Join(", ", Ours.Order(StringComparer.Ordinal))}.";
        }

        if (value == Keep)
        {
            return stored.ContainsKey(name) ? null : $"A value in {Field} is {Keep}, and there is none stored to keep.";
        }

        return value is not { Length: > 0 and <= MaxValue } || !value.All(character => character is >= ' ' and <= '~')
            || value[0] == ' ' || value[^1] == ' '
            ? $"A value in {Field} has 1 to {MaxValue} characters of ASCII, with no control characters, and no blank at "
                + $"either end."
            : null;
    }

    // CGI and servers like it read X-Webhook-Signature and X_Webhook_Signature as one variable, and some of them
    // X.Webhook.Signature, too.
    private static string AsRead(string name) =>
        string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) ? character : '-'));

    private static bool IsTokenCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);
}
