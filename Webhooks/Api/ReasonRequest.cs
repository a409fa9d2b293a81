using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Api;

/// <summary>A request for an operation that needs nothing but a reason.</summary>
public interface IReasonRequest
{
    /// <summary>The reason, as <see cref="Api.Reason"/> reads it.</summary>
    string? Reason { get; }
}

public static class ReasonRequest
{
    /// <summary>Reads the reason and does what it was given for. Without a valid one, nothing is done.</summary>
    /// <returns>The answer of the operation, or what is wrong with the body.</returns>
    public static async Task<Results<Ok<TView>, ValidationProblem, ProblemHttpResult>> WithReasonAsync<T, TView>(
        this Body<T> body, Func<string, Task<Results<Ok<TView>, ValidationProblem, ProblemHttpResult>>> act)
        where T : class, IReasonRequest
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var reason = Reason.Read(request.Reason, errors);
        return errors.Any ? errors.ToBadRequest() : await act(reason);
    }
}
