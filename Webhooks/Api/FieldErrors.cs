using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Reads a request's fields and collects what is wrong with them, field by field. No error quotes what was sent.
/// </summary>
public sealed class FieldErrors
{
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>Each field with its errors.</summary>
    public IReadOnlyDictionary<string, string[]> All => _errors;

    public bool Any => _errors.Count > 0;

    public void Add(string field, string error) => _errors[field] = [.. _errors.GetValueOrDefault(field, []), error];

    /// <summary>400 with all of them: the request makes no sense.</summary>
    public ValidationProblem ToBadRequest() => TypedResults.ValidationProblem(_errors);

    /// <summary>422, or another status, with all of them: the request is understood, but what it says cannot be.</summary>
    public ProblemHttpResult ToUnprocessable(int status = StatusCodes.Status422UnprocessableEntity) =>
        TypedResults.Problem(new HttpValidationProblemDetails(_errors) { Status = status });

    /// <summary>A text to compare with: what Postgres takes, and nothing endless.</summary>
    public string? Text(string field, string? value, int max = 255)
    {
        if (value is not null && (value.Length == 0 || value.Length > max || value.Any(char.IsControl)))
        {
            Add(field, $"{field} has 1 to {max} characters, none of them control characters.");
        }

        return value;
    }

    public string? OneOf(string field, string? value, IReadOnlyCollection<string> known)
    {
        if (value is not null && !known.Contains(value, StringComparer.Ordinal))
        {
            Add(field, $"{field} is one of {string.Join(", ", known)}.");
        }

        return value;
    }

    /// <summary>A time as <see cref="Iso8601"/> reads it.</summary>
    public DateTimeOffset? Time(string field, string? value)
    {
        if (value is null)
        {
            return null;
        }

        var time = Iso8601.Parse(value);
        if (time is null)
        {
            Add(field, $"{field} is a time with a zone, as in 2026-01-31T08:00:00Z (RFC 3339); in a URL, + is written %2B.");
        }

        return time;
    }

    public Guid? Id(string field, string? value)
    {
        Guid? id = value is not null && Guid.TryParseExact(value, "D", out var parsed) ? parsed : null;
        if (value is not null && id is null)
        {
            Add(field, $"{field} is an id, as in 01981d6e-7c8f-7d3a-9b21-6f0c2e5a4b17.");
        }

        return id;
    }

    public IPAddress? Address(string field, string? value)
    {
        IPAddress? address = null;
        if (value is not null && !IPAddress.TryParse(value, out address))
        {
            Add(field, $"{field} is an IP address.");
        }

        return address;
    }

    /// <summary>The span [since, until), which must not be empty.</summary>
    public (DateTimeOffset? Since, DateTimeOffset? Until) Span(string prefix, string? since, string? until)
    {
        var span = (From: Time($"{prefix}since", since), To: Time($"{prefix}until", until));
        if (span.To <= span.From)
        {
            Add($"{prefix}until", $"{prefix}until is later than {prefix}since.");
        }

        return span;
    }

    /// <summary>A whole number, written in digits alone.</summary>
    public long Number(string field, string? text, long fallback, long min, long max)
    {
        if (text is null)
        {
            return fallback;
        }

        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return Number(field, isNumber ? number : -1, fallback, min, max);
    }

    public long Number(string field, long? value, long fallback, long min, long max)
    {
        if (value < min || value > max)
        {
            var upTo = max == long.MaxValue ? "" : $" to {max}";
            Add(field, $"{field} is a whole number from {min}{upTo}.");
        }

        return value ?? fallback;
    }
}
