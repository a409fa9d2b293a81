using System.Net;
using System.Text;
using Aspire.Webhooks.Tests.Integration.Worker;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>
/// Types and ids of events are compared by playbooks, listeners and filters. What only sounds like a credential stays in them,
/// and what is one is still found by what was sent.
/// </summary>
public sealed class IdentifierTests(TestStack stack, SharedReceiver receiver) : IClassFixture<SharedReceiver>
{
    private const string Token = "ghp_0123456789abcdefghijABCDEFGHIJklmnop";

    public static TheoryData<string> Types =>
    [
        "password:reset", "token:transfer", "api-key:revoked", "oauth:token:issued", "secret=rotated", "bearer abcdefgh1234567",
        "authorization: granted", "cookie: a=b", "login x password changed", "passphrase => new",
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_type_that_only_sounds_like_a_credential_is_stored_listed_and_found_as_it_was_sent(string type)
    {
        var id = $"token:{Guid.CreateVersion7()}";

        Assert.Equal(
            HttpStatusCode.Accepted, (await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id, type))).Status);

        var listed = await receiver.Operator.OkAsync($"/events?event_type={Uri.EscapeDataString(type)}&delivery_id={id}");
        Assert.Equal([type], listed.Values("event_type"), StringComparer.Ordinal);
        Assert.Equal([id], listed.Values("delivery_id"), StringComparer.Ordinal);
        var shown = await receiver.Operator.OkAsync($"/events/{Assert.Single(listed.Values("id"))}");
        Assert.Equal(type, shown.GetProperty("headers").GetProperty("X-GitHub-Event").GetString());
        Assert.Equal(id, shown.GetProperty("headers").GetProperty("X-GitHub-Delivery").GetString());
    }

    [Fact]
    public async Task Listeners_and_playbooks_run_for_a_type_that_only_sounds_like_a_credential()
    {
        var database = await stack.NewDatabaseAsync();
        await using var service = await Services.ReceiverAsync(database, await stack.RedisAsync());
        var listener = new FirstListener { ForSource = "github", Types = ["password:reset"] };
        await using var worker = await ScriptedListener.WorkerAsync(
            stack, database, [listener], null,
            ("Webhooks:Playbooks:reset:Source", "github"), ("Webhooks:Playbooks:reset:EventTypes:0", "password:*"),
            ("Webhooks:Playbooks:reset:Instructions", "Say who it was."), ("Webhooks:Playbooks:reset:Merchant", "acme"));
        using var client = service.NewClient();

        await client.PostAsync(SignedRequest.GitHub(Delivery.Body, "once", "password:reset"));
        var id = await Sql.ScalarAsync<Guid>(database, "select id from webhooks.inbound_events");
        await Tables.FinishedJobAsync(database, id);

        Assert.Equal(id, Assert.Single(listener.Heard));
        Assert.Equal(
            1, await Sql.CountAsync(database, $"webhooks.agent_tasks where playbook = 'reset' and event_id = '{id}'"));
    }

    [Fact]
    public async Task An_event_with_a_credential_in_its_type_and_its_id_is_found_by_what_was_sent()
    {
        var unique = Guid.CreateVersion7().ToString("N");
        var (type, id) = ($"issues.{Token}", $"{unique} {Token}");

        await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id, type));
        var again = await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id, type));
        var other = await receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, $"{unique} {Token}x", type));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Accepted), (again.Status, other.Status));
        foreach (
            var filter in new[] { $"delivery_id={Uri.EscapeDataString(id)}",
                $"delivery_id={Uri.EscapeDataString(id)}&event_type={type}&state=pending" })
        {
            var listed = await receiver.Operator.OkAsync($"/events?{filter}");
            Assert.Equal(["issues.***redacted***"], listed.Values("event_type"), StringComparer.Ordinal);
            Assert.DoesNotContain(Token, listed.GetRawText(), StringComparison.Ordinal);
            Assert.StartsWith("sha256:", Assert.Single(listed.Values("delivery_id")), StringComparison.Ordinal);
        }

        var (_, dry) = await receiver.Operator.CallAsync(
            "/replays", new { filter = new { delivery_id = id, event_type = type }, dry_run = true });
        Assert.Equal(1, dry.GetProperty("events").GetInt32());
        var (_, replay) = await receiver.Operator.CallAsync(
            "/replays", new { filter = new { delivery_id = id }, reason = "why" });
        Assert.Equal(1, replay.GetProperty("events").GetInt32());
        Assert.StartsWith(
            "sha256:", replay.GetProperty("filter").GetProperty("delivery_id").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("🎉", 255, HttpStatusCode.Accepted)]
    [InlineData("🎉", 256, HttpStatusCode.BadRequest)]
    public async Task An_id_and_a_type_have_up_to_255_code_points(string character, int count, HttpStatusCode status)
    {
        var text = string.Concat(Enumerable.Repeat(character, count));
        var body = Encoding.UTF8.GetBytes($$$"""{"meta":{"id":"{{{text}}}","type":"{{{text}}}"}}""");

        var answer = await receiver.Client.PostAsync(Delivery.Signed("github", "unused", body, path: "/webhooks/by-body"));

        Assert.Equal(status, answer.Status);
        var listed = await receiver.Operator.CallAsync($"/events?event_type={Uri.EscapeDataString(text)}");
        Assert.Equal(status == HttpStatusCode.Accepted ? HttpStatusCode.OK : status, listed.Status);
    }
}
