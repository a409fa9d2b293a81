using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Api;

/// <summary>The answers of the API about an erasure, and about content that was deleted.</summary>
public static class ErasureAnswers
{
    /// <summary>Erases, and returns 204, 404, 409 while a job is running, or 400 when the reason is not allowed.</summary>
    /// <param name="reason">The reason of the request, which is optional.</param>
    /// <param name="eraseAsync">Erases for the reason.</param>
    public static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> EraseAsync(
        string? reason, Func<string?, Task<ErasureResult>> eraseAsync)
    {
        var errors = new FieldErrors();
        var read = errors.Text("reason", reason, Reason.MaxLength);
        return errors.Any ? errors.ToBadRequest() : Of(await eraseAsync(read));
    }

    /// <summary>Returns 410.</summary>
    public static ProblemHttpResult Deleted() =>
        TypedResults.Problem($"The content {ContentDeletedException.Why}", statusCode: StatusCodes.Status410Gone);

    private static Results<NoContent, ValidationProblem, ProblemHttpResult> Of(ErasureResult result) => result switch
    {
        ErasureResult.Done => TypedResults.NoContent(),
        ErasureResult.Unknown => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
        _ => TypedResults.Problem(
            "A job that needs the content is running. Try again in a moment.", statusCode: StatusCodes.Status409Conflict),
    };
}
