using System.Globalization;
using System.Net;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Api;

/// <summary>Parses the fields of a request and collects their errors by field. No error quotes the request.</summary>
public sealed class FieldErrors
{
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>The errors by field.</summary>
    public IReadOnlyDictionary<string, string[]> All => _errors;

    public bool Any => _errors.Count > 0;

    public void Add(string field, string error) => _errors[field] = [.. _errors.GetValueOrDefault(field, []), error];

    /// <summary>Returns 400 with all errors, for a malformed request.</summary>
    public ValidationProblem ToBadRequest() => TypedResults.ValidationProblem(_errors);

    /// <summary>Returns 422, or another status, with all errors, for a well-formed request with invalid content.</summary>
    public ProblemHttpResult ToUnprocessable(int status = StatusCodes.Status422UnprocessableEntity) =>
        TypedResults.Problem(new HttpValidationProblemDetails(_errors) { Status = status });

    /// <summary>
    /// Checks a text that is compared with stored text: its length is limited, and Postgres must be able to store it.
    /// </summary>
    public string? Text(string field, string? value, int max = 255)
    {
        if (value is not null && !StorableText.IsLine(value, max))
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

    /// <summary>Parses a time according to <see cref="Iso8601"/>.</summary>
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

    /// <summary>Parses the time range [since, until), which must not be empty.</summary>
    public (DateTimeOffset? Since, DateTimeOffset? Until) Span(string prefix, string? since, string? until)
    {
        var span = (From: Time($"{prefix}since", since), To: Time($"{prefix}until", until));
        if (span.To <= span.From)
        {
            Add($"{prefix}until", $"{prefix}until is later than {prefix}since.");
        }

        return span;
    }

    /// <summary>Parses a whole number, which consists of digits only.</summary>
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
