using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Worker.Api;

public static class ApprovalRoutes
{
    /// <summary><c>GET /approvals</c>, <c>GET /approvals/{id}</c>, and the two ways to decide.</summary>
    public static void MapApprovals(this WebApplication app)
    {
        var approvals = app.MapApi("/approvals", Scope.TasksApprove);
        approvals.MapGet("/", ListAsync)
            .WithSummary("List what agents asked approval for, newest first.")
            .WithMetadata(new StateParameter("The approval's state.", ApprovalQueries.States));
        approvals.MapGet("/{id:guid}", FindAsync)
            .WithSummary("One approval.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        Decides(approvals.MapPost("/{id:guid}/grant", GrantAsync))
            .WithSummary("Let the tool be called, with exactly these arguments, once.");
        Decides(approvals.MapPost("/{id:guid}/refuse", RefuseAsync))
            .WithSummary("Do not let the tool be called; the agent is told why.");
    }

    private static RouteHandlerBuilder Decides(RouteHandlerBuilder route) => route.Writes(Scope.TasksApprove).ReadsBody()
        .WithDescription(
            "arguments_sha256 is the approval's. 409: it is another, somebody was first, it has expired, or the task does not "
                + "wait any more.")
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Ok<Page<ApprovalView>>, ValidationProblem>> ListAsync(
        [FromQuery(Name = "state")] string? state, [AsParameters] PageFields page, ApprovalQueries reader,
        CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        errors.OneOf("state", state, ApprovalQueries.States);
        var paging = Paging.Read(page, errors);
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await reader.ListAsync(state, paging, cancellationToken));
    }

    private static async Task<Results<Ok<ApprovalView>, ProblemHttpResult>> FindAsync(
        Guid id, ApprovalQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static Task<Results<Ok<ApprovalView>, ValidationProblem, ProblemHttpResult>> GrantAsync(
        Guid id, Body<DecisionRequest> body, ApprovalDecisions decisions, ApprovalQueries reader, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        DecideAsync(id, true, body, decisions, reader, user, cancellationToken);

    private static Task<Results<Ok<ApprovalView>, ValidationProblem, ProblemHttpResult>> RefuseAsync(
        Guid id, Body<DecisionRequest> body, ApprovalDecisions decisions, ApprovalQueries reader, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        DecideAsync(id, false, body, decisions, reader, user, cancellationToken);

    private static async Task<Results<Ok<ApprovalView>, ValidationProblem, ProblemHttpResult>> DecideAsync(
        Guid id, bool granted, Body<DecisionRequest> body, ApprovalDecisions decisions, ApprovalQueries reader,
        ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var (hash, reason) = request.Read(granted, errors);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        return await decisions.DecideAsync(id, new(granted, hash, reason, Subject.Of(user)), cancellationToken) switch
        {
            DecisionResult.Done => TypedResults.Ok(await reader.FindAsync(id, cancellationToken)),
            DecisionResult.Unknown => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound),
            var refused => TypedResults.Problem(Why(refused), statusCode: StatusCodes.Status409Conflict),
        };
    }

    private static string Why(DecisionResult refused) => refused switch
    {
        DecisionResult.OtherArguments => "arguments_sha256 is not the approval's: look again at what is asked for.",
        DecisionResult.Decided => "Somebody has decided already.",
        DecisionResult.Expired => "It has expired.",
        _ => "The task does not wait for it any more.",
    };
}

/// <summary>A decision about an approval.</summary>
/// <param name="ArgumentsSha256">The <c>arguments_sha256</c> of what was decided about.</param>
/// <param name="Reason">Why: 1 to 500 characters. Needed to refuse.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DecisionRequest(
    [property: JsonPropertyName("arguments_sha256")] string? ArgumentsSha256 = null, string? Reason = null)
{
    /// <returns>The hash and the reason, checked.</returns>
    public (string ArgumentsSha256, string? Reason) Read(bool granted, FieldErrors errors)
    {
        if (ArgumentsSha256 is not { Length: 64 } || !ArgumentsSha256.All(char.IsAsciiHexDigitLower))
        {
            errors.Add("arguments_sha256", "arguments_sha256 is the approval's: 64 hexadecimal digits, in lower case.");
        }

        return (ArgumentsSha256 ?? "", granted && Reason is null ? null : Aspire.Webhooks.Api.Reason.Read(Reason, errors));
    }
}
