using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Events;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Worker.Api;

/// <summary>A playbook as configured.</summary>
/// <param name="RequireApproval">The tools of which each call waits for a person.</param>
public sealed record PlaybookView(
    string Name, string Source, IReadOnlyList<string> EventTypes, string Agent, string Instructions, IReadOnlyList<string> Tools,
    IReadOnlyList<string> AllowedHosts, IReadOnlyList<string> MessageTypes, IReadOnlyList<string> RequireApproval,
    BudgetView Budget, string Merchant, string ResultType);

/// <summary>What a task of it may use up.</summary>
public sealed record BudgetView(int Steps, long Tokens, int Seconds);

/// <summary>An event to try: one that is there, or one that is made up.</summary>
/// <param name="EventId">An event of the ledger; nothing else is given with it.</param>
/// <param name="Source">Of a made-up one, with <paramref name="EventType"/> and <paramref name="Payload"/>.</param>
/// <param name="Payload">Any JSON.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DryRunRequest(Guid? EventId, string? Source, string? EventType, JsonElement? Payload);

/// <summary>What would become of the event.</summary>
public sealed record DryRunView(string Source, string EventType, IReadOnlyList<DryRunMatch> Matches);

/// <summary>A task that would be made.</summary>
/// <param name="Prompt">What the model would be shown first. Agents outside read the event themselves.</param>
public sealed record DryRunMatch(string Playbook, string Agent, PromptView? Prompt);

/// <summary>The boundary is another each time.</summary>
public sealed record PromptView(string System, string User);

public static class PlaybookRoutes
{
    // A made-up payload may be as large as a source takes by default, and some.
    private const int MaxBodyBytes = 2 * 1024 * 1024;

    /// <summary><c>GET /playbooks</c> and <c>POST /playbooks/dry-run</c>.</summary>
    public static void MapPlaybooks(this WebApplication app)
    {
        var playbooks = app.MapApi("/playbooks", Scope.EventsRead);
        playbooks.MapGet("/", List).WithSummary("List the configured playbooks, by name, on one page.");
        playbooks.MapPost("/dry-run", TryAsync).ReadsBody().WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes))
            .WithSummary("Which playbooks an event would meet, and what a model would be shown. Nothing is made.")
            .WithDescription("410: the content of the event was deleted.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status410Gone);
    }

    private static Ok<Page<PlaybookView>> List(PlaybookCatalog catalog) =>
        TypedResults.Ok(new Page<PlaybookView>([.. catalog.All.Select(View)], NextCursor: null));

    private static PlaybookView View(Playbook playbook)
    {
        var options = playbook.Options;
        return new(
            playbook.Name, options.Source, options.EventTypes, options.Agent, options.Instructions, options.Tools,
            options.AllowedHosts, options.MessageTypes, options.RequireApproval,
            new(options.Budget.Steps, options.Budget.Tokens, options.Budget.Seconds), options.Merchant, options.ResultType);
    }

    private static async Task<Results<Ok<DryRunView>, ValidationProblem, ProblemHttpResult>> TryAsync(
        Body<DryRunRequest> body, EventStore events, PlaybookCatalog catalog, Redactor redactor,
        CancellationToken cancellationToken)
    {
        if (body.Value is not { } request)
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var webhookEvent = request.EventId is null ? Imagined(request, redactor, errors) : null;
        if (request.EventId is not null
            && (request.Source is not null || request.EventType is not null || request.Payload is not null))
        {
            errors.Add("event_id", "event_id comes without source, event_type and payload.");
        }

        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (request.EventId is { } id)
        {
            try
            {
                webhookEvent = (await events.FindAsync(id, cancellationToken))?.Event;
            }
            catch (ContentDeletedException)
            {
                return ErasureAnswers.Deleted();
            }
        }

        return webhookEvent is null
            ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound)
            : TypedResults.Ok(Try(webhookEvent, catalog, redactor));
    }

    private static WebhookEvent? Imagined(DryRunRequest request, Redactor redactor, FieldErrors errors)
    {
        var source = errors.Text("source", request.Source);
        var type = errors.Text("event_type", request.EventType);
        foreach (
            var (field, isMissing) in new[] { ("source", source is null), ("event_type", type is null),
                ("payload", request.Payload is null) })
        {
            if (isMissing)
            {
                errors.Add(field, $"{field} is needed where event_id is not given.");
            }
        }

        return errors.Any
            ? null
            : new(Guid.Empty, source!, "dry-run", redactor.RedactKnown(type!), "application/json",
                new Dictionary<string, string>(StringComparer.Ordinal),
                Encoding.UTF8.GetBytes(request.Payload!.Value.GetRawText()));
    }

    private static DryRunView Try(WebhookEvent webhookEvent, PlaybookCatalog catalog, Redactor redactor) => new(
        webhookEvent.Source, redactor.RedactKnown(webhookEvent.EventType), [.. catalog.Matching(webhookEvent).Select(playbook =>
        {
            var prompt = playbook.IsExternal
                ? null
                : AgentPrompt.Of(playbook, webhookEvent, redactor, UntrustedText.NewBoundary());
            return new DryRunMatch(
                playbook.Name, playbook.Options.Agent, prompt is null ? null : new(prompt.System, prompt.User));
        })]);
}
