using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Messages;

/// <summary>What is wrong with a request, field by field. No error quotes what was sent.</summary>
public sealed class FieldErrors
{
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>Each field with its errors.</summary>
    public IReadOnlyDictionary<string, string[]> All => _errors;

    public bool Any => _errors.Count > 0;

    public void Add(string field, string error) => _errors[field] = [.. _errors.GetValueOrDefault(field, []), error];

    /// <summary>422 with all of them.</summary>
    public ProblemHttpResult Reply() => TypedResults.Problem(new HttpValidationProblemDetails(_errors)
    {
        Status = StatusCodes.Status422UnprocessableEntity,
    });
}
