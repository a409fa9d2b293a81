using System.Text.Json;

namespace Aspire.Webhooks.Console.Clients;

/// <summary>The Worker's API.</summary>
public sealed class WorkerClient(HttpClient http) : ApiClient(http, "Worker")
{
    public Task<ApiAnswer<Listing<TaskItem>>> TasksAsync(
        TaskQuery query, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<TaskItem>>(
            QueryText.Of(
                "/tasks", ("state", query.State), ("playbook", query.Playbook), ("source", query.Source),
                ("since", QueryText.Of(query.Since)), ("cursor", cursor), ("limit", $"{limit}")),
            cancellationToken);

    public Task<ApiAnswer<TaskItem>> TaskAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync<TaskItem>($"/tasks/{id}", cancellationToken);

    public Task<ApiAnswer<Listing<ApprovalItem>>> ApprovalsAsync(
        string? state, string? cursor, int limit, CancellationToken cancellationToken) =>
        GetAsync<Listing<ApprovalItem>>(
            QueryText.Of("/approvals", ("state", state), ("cursor", cursor), ("limit", $"{limit}")), cancellationToken);

    public Task<ApiAnswer<ApprovalItem>> ApprovalAsync(Guid id, CancellationToken cancellationToken) =>
        GetAsync<ApprovalItem>($"/approvals/{id}", cancellationToken);

    /// <param name="hash">The hash of the arguments that were looked at.</param>
    public Task<ApiAnswer<ApprovalItem>> DecideAsync(
        Guid id, bool grant, string? hash, string? reason, CancellationToken cancellationToken) =>
        PostAsync<ApprovalItem>(
            $"/approvals/{id}/{(grant ? "grant" : "refuse")}",
            new { ArgumentsSha256 = hash, Reason = string.IsNullOrWhiteSpace(reason) && grant ? null : reason },
            cancellationToken);

    public Task<ApiAnswer<SeriesAnswer>> SeriesAsync(
        string name, SeriesPeriod period, CancellationToken cancellationToken) =>
        GetSeriesAsync("/series", name, period, cancellationToken);

    public Task<ApiAnswer<Listing<QueueItem>>> QueueAsync(CancellationToken cancellationToken) =>
        GetAsync<Listing<QueueItem>>("/queue", cancellationToken);

    public async Task<ApiAnswer<Listing<PlaybookItem>>> PlaybooksAsync(CancellationToken cancellationToken) =>
        await GetAsync<Listing<PlaybookItem>>("/playbooks", cancellationToken);

    public Task<ApiAnswer<PlaybookTrial>> TryPlaybooksAsync(
        string? source, string? eventType, JsonElement payload, CancellationToken cancellationToken) =>
        PostAsync<PlaybookTrial>(
            "/playbooks/dry-run", new { Source = source, EventType = eventType, Payload = payload }, cancellationToken);

    public Task<ApiAnswer<PlaybookTrial>> TryPlaybooksAsync(Guid eventId, CancellationToken cancellationToken) =>
        PostAsync<PlaybookTrial>("/playbooks/dry-run", new { EventId = eventId }, cancellationToken);
}
