using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Worker.Api;

public static class TaskRoutes
{
    /// <summary><c>GET /tasks</c>, <c>GET /tasks/{id}</c> and <c>DELETE /tasks/{id}/content</c>.</summary>
    public static void MapTasks(this WebApplication app)
    {
        var tasks = app.MapApi("/tasks", Scope.EventsRead);
        tasks.MapGet("/", ListAsync)
            .WithSummary("List agent tasks, newest first, without their steps.")
            .WithMetadata(new StateParameter("The task's state.", TaskStates.All));
        tasks.MapGet("/{id:guid}", FindAsync)
            .WithSummary("One task with its steps, approvals and messages.")
            .ProducesProblem(StatusCodes.Status404NotFound);
        app.MapApi("/tasks", Scope.EventsErase).MapDelete("/{id:guid}/content", EraseAsync).Writes(Scope.EventsErase)
            .WithSummary("Erase the steps, the approvals and the result of a task, and the messages that it made.")
            .WithDescription("Its waiting jobs are cancelled. Its event stays. 409: one of its jobs is running.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<Page<TaskView>>, ValidationProblem>> ListAsync(
        [AsParameters] TaskFilter filter, [AsParameters] PageFields page, TaskQueries reader, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var selection = filter.Read(errors);
        var paging = Paging.Read(page, errors);
        return errors.Any ? errors.ToBadRequest() : TypedResults.Ok(await reader.ListAsync(selection, paging, cancellationToken));
    }

    private static async Task<Results<Ok<TaskView>, ProblemHttpResult>> FindAsync(
        Guid id, TaskQueries reader, CancellationToken cancellationToken) =>
        await reader.FindAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);

    private static Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> EraseAsync(
        Guid id, [FromQuery(Name = "reason")] string? reason, ContentErasure erasure, ClaimsPrincipal user,
        CancellationToken cancellationToken) =>
        ErasureAnswers.EraseAsync(
            reason, why => erasure.EraseTaskAsync(id, Subject.Of(user), why, cancellationToken));
}
