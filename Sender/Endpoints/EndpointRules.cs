using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Validates the fields of an endpoint. It does not connect to the URL; a ping does that later.</summary>
public sealed class EndpointRules(EgressGuard guard, EventTypeCatalog types, Redactor redactor)
{
    public const int MaxUrl = 2048;
    public const int MaxDescription = 500;
    public const int MaxEvents = 100;

    private const string UrlField = "url";
    private const string EventsField = "events";

    /// <summary>Validates the URL.</summary>
    /// <returns>The URL as it was written; null when it is absent or invalid.</returns>
    public string? Url(string? text, EndpointErrors errors)
    {
        if (text is null)
        {
            return null;
        }

        if (Malformed(text) is { } malformed)
        {
            errors.Malformed.Add(UrlField, malformed);
            return null;
        }

        if (guard.Refusal(new Uri(text)) is { } refusal)
        {
            errors.Refused.Add(UrlField, refusal);
            return null;
        }

        return text;
    }

    /// <summary>Validates the event types.</summary>
    /// <returns>The distinct types, ordered by name; null when the list is absent.</returns>
    public string[]? Events(IReadOnlyList<string?>? events, EndpointErrors errors)
    {
        if (events is null)
        {
            return null;
        }

        if (events.Count > MaxEvents || events.Any(type => type is null))
        {
            errors.Malformed.Add(EventsField, $"{EventsField} is a list of up to {MaxEvents} names.");
        }
        else if (events.Any(type => !types.Knows(type!)))
        {
            errors.Refused.Add(EventsField, $"{EventsField} has a name that is none of GET /api/v1/event-types.");
        }

        return [.. events.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Validates the description and redacts it.</summary>
    /// <returns>The redacted description; null when it is absent or invalid.</returns>
    public string? Description(string? text, EndpointErrors errors) =>
        text is "" ? "" : errors.Malformed.Text("description", text, MaxDescription) is { } line
            ? StorableText.CodePoints(StorableText.Redacted(line, redactor.Redact), MaxDescription)
            : null;

    public static int? RateLimit(int? perSecond, EndpointErrors errors)
    {
        errors.Malformed.Number("rate_limit", perSecond, 1, 1, 10_000);
        return perSecond;
    }

    // Parsers differ about blanks and backslashes, so two of them could read different hosts from the same URL.
    private static string? Malformed(string text)
    {
        if (text.Length == 0 || StorableText.IsLonger(text, MaxUrl)
            || text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character == '\\'))
        {
            return $"{UrlField} has 1 to {MaxUrl} characters, none of them blanks, backslashes or control characters.";
        }

        if (!IsWeb(text) || !Uri.TryCreate(text, UriKind.Absolute, out _))
        {
            return $"{UrlField} is an absolute https URL, as in https://example.com/webhooks.";
        }

        return text.Contains('#', StringComparison.Ordinal) || text.Split('/', '?')[2].Contains('@', StringComparison.Ordinal)
            ? $"{UrlField} has no fragment, no user and no password; credentials can be sent in headers."
            : null;
    }

    private static bool IsWeb(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The errors of a request that creates or changes an endpoint.</summary>
public sealed class EndpointErrors
{
    /// <summary>Malformed fields, which are answered 400.</summary>
    public FieldErrors Malformed { get; } = new();

    /// <summary>Well-formed fields that are not allowed, which are answered 422.</summary>
    public FieldErrors Refused { get; } = new();

    /// <summary>The answer; null when there are no errors.</summary>
    public ProblemHttpResult? Problem =>
        Malformed.Any
            ? Malformed.ToUnprocessable(StatusCodes.Status400BadRequest)
            : Refused.Any
            ? Refused.ToUnprocessable()
            : null;
}
