using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Integration.Worker.Chat;

/// <summary>Decides approvals when an approver presses a button of <see cref="SlackListener"/>.</summary>
public sealed class SlackApprovals(
    ApprovalDecisions decisions, ApprovalQueries approvals, EgressGuard guard, IConfiguration configuration, TimeProvider time)
    : WebhookListener, IDisposable
{
    // A press of longer ago, such as one that is replayed, decides nothing.
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);

    // The request says where its answer goes. The guard connects to public addresses only.
    private readonly HttpClient _slack = new(guard.CreateHandler(TimeSpan.FromSeconds(5)));

    public override string Source => "slack";

    public override IReadOnlyList<string> EventTypes => ["block_actions"];

    public override async Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        using var json = webhookEvent.ParseJson();
        var (press, action) = (json.RootElement, json.RootElement.GetProperty("actions")[0]);
        if (Text(action, "action_id") is not ("approve" or "refuse"))
        {
            return;
        }

        // Whoever may not decide is told so alone; a decision takes the place of the buttons.
        var (isDecided, text) = await DecideAsync(press.GetProperty("user"), action, cancellationToken);
        using var answer = await _slack.PostAsJsonAsync(
            Text(press, "response_url"), new { replace_original = isDecided, text }, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose() => _slack.Dispose();

    private async Task<(bool IsDecided, string Text)> DecideAsync(
        JsonElement user, JsonElement action, CancellationToken cancellationToken)
    {
        var who = $"{Text(user, "team_id")}/{Text(user, "id")}";
        if (!configuration.GetSection("Slack:Approvers").GetChildren().Any(approver => approver.Value == who))
        {
            return (false, "You are not one of those who decide.");
        }

        var pressedAt = DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(Text(action, "action_ts")));
        if (time.GetUtcNow() - pressedAt > Validity)
        {
            return (false, "That was too long ago. Press again.");
        }

        if (Text(action, "value").Split(' ') is not [var approvalId, var hash] || !Guid.TryParse(approvalId, out var id))
        {
            return (false, "Nothing waits for this decision.");
        }

        var isGranted = Text(action, "action_id") == "approve";
        var reason = isGranted ? null : "Refused in Slack.";
        var result = await decisions.DecideAsync(id, new(isGranted, hash, reason, $"slack:{who}"), cancellationToken);
        var approval = await approvals.FindAsync(id, cancellationToken);
        return (result, approval) switch
        {
            (DecisionResult.Done or DecisionResult.Decided, { DecidedBy: { } by }) =>
                (true, $"{approval.Tool} was {approval.State} by {Mention(by)}."),
            (DecisionResult.Expired, _) => (true, "Nobody has decided in time."),
            _ => (false, "Nothing waits for this decision."),
        };
    }

    private static string Mention(string by) =>
        by.StartsWith("slack:", StringComparison.Ordinal) ? $"<@{by.Split('/')[^1]}>" : "somebody elsewhere";

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
