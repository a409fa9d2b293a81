using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>What an endpoint may be, judged by the request alone. Where its URL leads is for a ping to find out.</summary>
public sealed class EndpointRules(EgressGuard guard, EventTypeCatalog types, Redactor redactor)
{
    public const int MaxUrl = 2048;
    public const int MaxDescription = 500;
    public const int MaxEvents = 100;

    private const string UrlField = "url";
    private const string EventsField = "events";

    /// <returns>The URL as it was written; null when it is absent, or no such URL.</returns>
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

    /// <returns>Each type once, in the order of their names; null when they are absent.</returns>
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

    /// <returns>The description without credentials; null when it is absent.</returns>
    public string? Description(string? text, EndpointErrors errors) =>
        text is "" ? "" : errors.Malformed.Text("description", text, MaxDescription) is { } line
            ? StorableText.CodePoints(StorableText.Redacted(line, redactor.Redact), MaxDescription)
            : null;

    public static int? RateLimit(int? perSecond, EndpointErrors errors)
    {
        errors.Malformed.Number("rate_limit", perSecond, 1, 1, 10_000);
        return perSecond;
    }

    // A parser that is lenient about blanks and backslashes may read another host than the next one.
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

/// <summary>What is wrong with a request about an endpoint.</summary>
public sealed class EndpointErrors
{
    /// <summary>What makes no sense wherever it is sent: 400.</summary>
    public FieldErrors Malformed { get; } = new();

    /// <summary>What is understood, and cannot be here: 422.</summary>
    public FieldErrors Refused { get; } = new();

    /// <summary>The answer; null when nothing is wrong.</summary>
    public ProblemHttpResult? Problem =>
        Malformed.Any
            ? Malformed.ToUnprocessable(StatusCodes.Status400BadRequest)
            : Refused.Any
            ? Refused.ToUnprocessable()
            : null;
}
