using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class EventDetailsTests(SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string Token = "ghp_0123456789abcdefghijklmnop";

    [Fact]
    public async Task An_event_is_shown_with_what_identifies_it_what_it_brought_and_what_became_of_it()
    {
        var id = Delivery.NewId();
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        await receiver.Client.PostAsync(
            SignedRequest.GitHub(Delivery.Body, id, "issues").With("traceparent", $"00-{Trace}-b7ad6b7169203331-01"));
        var eventId = await Sql.ScalarAsync<Guid>(
            receiver.Database, $"select id from webhooks.inbound_events where delivery_id = '{id}'");

        var shown = await receiver.Operator.OkAsync($"/events/{eventId}");

        Assert.Equal(
            [
                "id", "source", "delivery_id", "event_type", "received_at", "state", "attempts", "last_error", "trace_id",
                "tasks", "headers", "content_type", "body", "runs",
            ],
            shown.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(eventId, shown.GetProperty("id").GetGuid());
        Assert.Equal("github", shown.GetProperty("source").GetString());
        Assert.Equal(id, shown.GetProperty("delivery_id").GetString());
        Assert.Equal("issues", shown.GetProperty("event_type").GetString());
        Assert.Equal("pending", shown.GetProperty("state").GetString());
        Assert.Equal(0, shown.GetProperty("attempts").GetInt32());
        Assert.Equal(Trace, shown.GetProperty("trace_id").GetString());
        Assert.Empty(shown.GetProperty("tasks").EnumerateArray());
        Assert.Equal(id, shown.GetProperty("headers").GetProperty("X-GitHub-Delivery").GetString());
        Assert.StartsWith("application/json", shown.GetProperty("content_type").GetString(), StringComparison.Ordinal);
        Assert.Equal(Delivery.Body, shown.GetProperty("body").GetProperty("text").GetString());
        Assert.Equal(Delivery.Body.Length, shown.GetProperty("body").GetProperty("size").GetInt32());
        var run = Assert.Single(shown.GetProperty("runs").EnumerateArray());
        Assert.Equal(
            ("pending", JsonValueKind.Null), (run.GetProperty("state").GetString(), run.GetProperty("replay").ValueKind));
    }

    [Fact]
    public async Task An_events_tasks_are_in_lists_too_but_their_steps_and_approvals_in_its_details_alone()
    {
        var asked = await ApprovalRows.AddAsync(receiver.Database);
        var id = await Sql.ScalarAsync<Guid>(
            receiver.Database, $"select event_id from webhooks.agent_tasks where id = '{asked.TaskId}'");

        var listed = (await receiver.Operator.OkAsync($"/events?delivery_id=delivery-{id}"))
            .GetProperty("data")[0].GetProperty("tasks")[0];
        var shown = (await receiver.Operator.OkAsync($"/events/{id}")).GetProperty("tasks")[0];

        Assert.Equal("awaiting_approval", listed.GetProperty("state").GetString());
        Assert.False(listed.TryGetProperty("steps", out _) || listed.TryGetProperty("approvals", out _));
        Assert.Equal("delete_branch", shown.GetProperty("steps")[0].GetProperty("tool").GetString());
        Assert.Equal(asked.Hash, shown.GetProperty("approvals")[0].GetProperty("arguments_sha256").GetString());
    }

    [Fact]
    public async Task No_credential_in_a_body_or_a_header_is_shown()
    {
        var body = $$"""{"note":"see {{Token}}","access_token":"abc","mine":"{{Stack.Services.ProviderSecret}}","amount":1}""";
        var id = await Tables.AddEventAsync(receiver.Database, body);
        await Sql.ExecuteAsync(
            receiver.Database, $$"""update webhooks.inbound_events set headers = '{"User-Agent":"a {{Token}}","X-Session-Token":"abc"}' where id = '{{id}}'""");

        var shown = await receiver.Operator.OkAsync($"/events/{id}");

        Assert.Equal(
            """{"note":"see ***redacted***","access_token":"***redacted***","mine":"***redacted***","amount":1}""",
            shown.GetProperty("body").GetProperty("text").GetString());
        Assert.Equal("""{"User-Agent":"a ***redacted***","X-Session-Token":"***redacted***"}""", shown.GetProperty("headers").GetRawText());
    }

    [Fact]
    public async Task A_compressed_body_is_shown_inflated()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($$"""{"token":"{{Token}}"}"""), TestContext.Current.CancellationToken);
        }

        var id = await Tables.AddEventAsync(receiver.Database, "{}");
        await Sql.ExecuteAsync(
            receiver.Database,
            $"update webhooks.inbound_events set content_encoding = 'gzip', body = "
                + $"'\\x{Convert.ToHexString(packed.ToArray())}' where id = '{id}'");

        var body = (await receiver.Operator.OkAsync($"/events/{id}")).GetProperty("body");

        Assert.Equal("""{"token":"***redacted***"}""", body.GetProperty("text").GetString());
        Assert.Equal(
            ("gzip", (int)packed.ToArray().Length),
            (body.GetProperty("encoding").GetString(), body.GetProperty("size").GetInt32()));
    }

    [Fact]
    public async Task Each_run_is_shown_with_its_outcome_and_the_replay_that_asked_for_it()
    {
        var id = await Tables.AddEventAsync(
            receiver.Database, "{}", job: "state = 'buried', attempt = 4, finished_at = now(), last_error = 'why'");
        var (status, replay) = await receiver.Operator.CallAsync($"/events/{id}/replay", new { reason = "It is mended." });
        Assert.Equal(HttpStatusCode.Accepted, status);

        var runs = (await receiver.Operator.OkAsync($"/events/{id}")).GetProperty("runs").EnumerateArray().ToList();

        Assert.Equal(["buried", "pending"], runs.ConvertAll(run => run.GetProperty("state").GetString()));
        Assert.Equal((4, "why"), (runs[0].GetProperty("attempts").GetInt32(), runs[0].GetProperty("last_error").GetString()));
        Assert.Equal(
            [JsonValueKind.String, JsonValueKind.Null], runs.ConvertAll(run => run.GetProperty("finished_at").ValueKind));
        Assert.Equal([JsonValueKind.Null, JsonValueKind.String], runs.ConvertAll(run => run.GetProperty("due_at").ValueKind));
        var asked = runs[1].GetProperty("replay");
        Assert.Equal(replay.GetProperty("id").GetGuid(), asked.GetProperty("id").GetGuid());
        Assert.Equal(
            ("It is mended.", "operator-7"),
            (asked.GetProperty("reason").GetString(), asked.GetProperty("requested_by").GetString()));
    }
}
