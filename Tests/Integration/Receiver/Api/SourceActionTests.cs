using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Integration.Sender.Endpoints;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

/// <summary>What operators do with a source.</summary>
[Collection(SharedServices.Name)]
public sealed class SourceActionTests(AuditedServices services)
{
    [Fact]
    public async Task A_paused_source_answers_202_and_its_events_run_once_when_it_is_resumed()
    {
        var actor = AuditTests.NewActor();
        using var client = services.Receiver(AuditTests.Token(actor, "events:write"));

        var (_, paused) = await client.CallAsync("/sources/github/pause", new { reason = "A listener is wrong." });
        var (_, again) = await client.CallAsync("/sources/GitHub/pause", new { reason = "Paused twice." });
        var id = Delivery.NewId();
        var answer = await client.PostAsync(SignedRequest.GitHub("{}", id));
        // By then the Worker has looked for events.
        var (_, sent) = await client.CallAsync("/sources/standard/test-events", new { });
        await Tables.FinishedJobAsync(services.Database, sent.GetProperty("event_id").GetGuid());

        Assert.NotNull(paused.Text("paused_at"));
        Assert.Equal(paused.Text("paused_at"), again.Text("paused_at"));
        Assert.Equal(paused.Text("paused_at"), (await SourceAsync(client, "github")).Text("paused_at"));
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        var waiting = await Sql.ScalarAsync<Guid>(
            services.Database, $"select id from webhooks.inbound_events where delivery_id = '{id}'");
        Assert.True(await Tables.JobAsync(services.Database, waiting) is { State: "pending", Attempt: 0 });

        var (_, resumed) = await client.CallAsync("/sources/github/resume", new { reason = "It is mended." });
        await client.CallAsync("/sources/github/resume", new { reason = "Resumed twice." });

        Assert.Null(resumed.Text("paused_at"));
        Assert.Null((await SourceAsync(client, "github")).Text("paused_at"));
        Assert.Equal(1, (await Tables.FinishedJobAsync(services.Database, waiting)).Attempt);
        Assert.Equal(
            [
                ("resume", "source", "github", "It is mended."),
                ("send_test", "source", "standard", $"test {sent.Text("delivery_id")}"),
                ("pause", "source", "github", "A listener is wrong."),
            ],
            await AuditTests.EntriesAsync(services, actor));
    }

    [Fact]
    public async Task A_source_that_is_not_configured_is_not_paused_but_can_be_resumed_when_it_was()
    {
        await Sql.ExecuteAsync(
            services.Database,
            "insert into webhooks.lanes (kind, lane, held_until, paused_at) values ('event', 'removed', 'infinity', now())");
        using var client = services.Receiver(OperatorToken.Write);
        using var reader = services.Receiver(OperatorToken.Read);
        var why = new { reason = "why" };

        Assert.Equal(HttpStatusCode.NotFound, (await client.CallAsync("/sources/removed/pause", why)).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.CallAsync("/sources/removed/resume", why)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await client.CallAsync("/sources/removed/resume", why)).Status);
        var (status, problem) = await client.CallAsync("/sources/github/pause", new { reason = " " });
        Assert.Equal((HttpStatusCode.BadRequest, "reason"), (status, Assert.Single(problem.Fields())));
        foreach (var action in (string[])["pause", "resume", "test-events"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await reader.CallAsync($"/sources/github/{action}", why)).Status);
        }
    }

    [Fact]
    public async Task A_test_event_of_each_source_is_taken_in_as_if_its_provider_had_sent_it()
    {
        using var client = services.Receiver(OperatorToken.Write);
        var sources = (await client.OkAsync("/sources")).GetProperty("data").EnumerateArray().ToList();

        foreach (var source in sources.Where(source => source.GetProperty("can_test").GetBoolean()))
        {
            var name = source.Text("name")!;
            if (name == "no-id")
            {
                continue;
            }

            var (status, sent) = await client.CallAsync($"/sources/{name}/test-events", new { });

            Assert.True(status == HttpStatusCode.OK, $"{name}: {sent}");
            Assert.True(sent.GetProperty("is_new").GetBoolean(), name);
            Assert.InRange(sent.GetProperty("status").GetInt32(), 200, 204);
            Assert.Equal(1, await Sql.CountAsync(services.Database, $"""
                webhooks.inbound_events where id = '{sent.Text("event_id")}' and source = '{name}'
                and delivery_id = '{sent.Text("delivery_id")}' and event_type = '{sent.Text("event_type")}'
                and headers::text like '%Aspire.Webhooks.TestEvent/1.0%'
                """));
        }

        Assert.Equal(
            ["expired", "public", "topic"],
            sources.Where(source => !source.GetProperty("can_test").GetBoolean()).Select(source => source.Text("name")!),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("topic", "private key that only the provider has")]
    [InlineData("public", "only the provider has the private key")]
    [InlineData("expired", "Every secret of the source has expired.")]
    [InlineData("no-id", "was refused with 400: invalid_body.")]
    public async Task Where_no_test_event_can_be_sent_the_answer_says_why(string source, string why)
    {
        using var client = services.Receiver(OperatorToken.Write);

        var (status, problem) = await client.CallAsync($"/sources/{source}/test-events", new { });

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains(why, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_test_event_again_is_a_duplicate_and_one_of_no_source_is_not_found()
    {
        using var client = services.Receiver(OperatorToken.Write);
        var wanted = new { event_type = "order.paid", delivery_id = Delivery.NewId() };

        var (_, first) = await client.CallAsync("/sources/elsewhere/test-events", wanted);
        var (_, second) = await client.CallAsync("/sources/elsewhere/test-events", wanted);

        Assert.Equal(($"test-{wanted.delivery_id}", wanted.event_type), (first.Text("delivery_id"), first.Text("event_type")));
        Assert.Equal(first.Text("event_id"), second.Text("event_id"));
        Assert.Equal((202, 200), (first.GetProperty("status").GetInt32(), second.GetProperty("status").GetInt32()));
        Assert.False(second.GetProperty("is_new").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await client.CallAsync("/sources/nobody/test-events", new { })).Status);
        var (status, problem) = await client.CallAsync(
            "/sources/github/test-events", new { event_type = "", delivery_id = "a\nb" });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["delivery_id", "event_type"], problem.Fields(), StringComparer.Ordinal);
    }

    private static async Task<Guid> SendAsync(HttpClient client, string source) =>
        (await client.CallAsync($"/sources/{source}/test-events", new { })).Body.GetProperty("event_id").GetGuid();

    private static async Task<JsonElement> SourceAsync(HttpClient client, string name) =>
        (await client.OkAsync("/sources")).GetProperty("data").EnumerateArray().Single(source => source.Text("name") == name);
}
