using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Api;

/// <summary>The answers of the API about an erasure, and about content that was deleted.</summary>
public static class ErasureAnswers
{
    /// <summary>Returns 204, 404, or 409 while a job is running.</summary>
    public static Results<NoContent, ValidationProblem, ProblemHttpResult> Of(ErasureResult result) => result switch
    {
        ErasureResult.Done => TypedResults.NoContent(),
        ErasureResult.Unknown => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
        _ => TypedResults.Problem(
            "A job that needs the content is running. Try again in a moment.", statusCode: StatusCodes.Status409Conflict),
    };

    /// <summary>Returns 410.</summary>
    public static ProblemHttpResult Deleted() =>
        TypedResults.Problem($"The content {ContentDeletedException.Why}", statusCode: StatusCodes.Status410Gone);

    /// <summary>Reads the reason of an erasure, which is optional.</summary>
    public static string? Reason(string? reason, FieldErrors errors) => errors.Text("reason", reason, Api.Reason.MaxLength);
}
