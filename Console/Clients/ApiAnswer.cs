namespace Aspire.Webhooks.Console.Clients;

/// <summary>The answer of a service: a value or a problem.</summary>
/// <param name="Problem">Null when there is a value.</param>
public sealed record ApiAnswer<T>(T? Value, ApiProblem? Problem)
    where T : class;

/// <summary>The problem details of an answer (RFC 9457), or the reason why there was none.</summary>
/// <param name="Status">The status of the answer; 0 when there was none.</param>
/// <param name="Title">A short description.</param>
/// <param name="Detail">The cause, and how to correct it.</param>
/// <param name="Errors">Errors by field.</param>
/// <param name="TraceId">The trace id of the request.</param>
public sealed record ApiProblem(
    int Status, string? Title, string? Detail = null, IReadOnlyDictionary<string, string[]>? Errors = null,
    string? TraceId = null)
{
    public bool IsEndOfSession => Status == StatusCodes.Status401Unauthorized;

    public bool IsMissing => Status == StatusCodes.Status404NotFound;
}

/// <summary>A page of a list.</summary>
/// <param name="NextCursor">The cursor of the next page; null on the last page.</param>
public sealed record Listing<T>(IReadOnlyList<T> Data, string? NextCursor = null);

/// <summary>An answer without a body.</summary>
public sealed record NoContent;
