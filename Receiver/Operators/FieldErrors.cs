using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Operators;

/// <summary>Reads what an operator asked for and collects what is wrong with it, under each field's name.</summary>
public sealed partial class FieldErrors
{
    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    public bool Any => _errors.Count > 0;

    public void Add(string field, string message) => _errors.TryAdd(field, [message]);

    /// <summary>400 with the messages.</summary>
    public ValidationProblem ToProblem() => TypedResults.ValidationProblem(_errors);

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

    /// <summary>A time as RFC 3339 writes it.</summary>
    public DateTimeOffset? Time(string field, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (Rfc3339().IsMatch(value)
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        Add(field, $"{field} is a time as in 2026-01-31T08:00:00Z (RFC 3339); in a URL, + is written %2B.");
        return null;
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

    public int Number(string field, int? value, int fallback, int max)
    {
        if (value is < 1 || value > max)
        {
            Add(field, $"{field} goes from 1 to {max}.");
        }

        return value ?? fallback;
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Rfc3339();
}
