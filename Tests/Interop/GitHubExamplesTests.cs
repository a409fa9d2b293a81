using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Octokit signs every example payload that GitHub publishes, our Receiver verifies.</summary>
[Collection(nameof(InteropReceiver))]
public sealed class GitHubExamplesTests(InteropReceiver receiver)
{
    private const string Ping = "ping";

    [Fact]
    public async Task Every_example_payload_is_accepted_under_its_own_type()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        var answers = (
            await receiver.RunAsync("github-client.mjs", "github", "WEBHOOK_SECRET_GITHUB", Services.GitHubSecret, "--all"))
                .EnumerateArray()
            .Select(answer => (
                Type: answer.GetProperty("event").GetString()!, Delivery: answer.GetProperty("delivery").GetString()!,
                Status: answer.GetProperty("status").GetInt32()))
            .ToList();

        Assert.True(answers.Count > 300, $"{answers.Count} examples were sent.");
        Assert.All(answers, answer => Assert.Equal(answer.Type == Ping ? 200 : 202, answer.Status));
        var events = answers.Where(answer => answer.Type != Ping).ToList();
        var stored = await Sql.ScalarAsync<string>(
            receiver.Database,
            $"select string_agg(event_type, ',' order by delivery_id) from webhooks.inbound_events where delivery_id in "
            + $"('{string.Join("','", events.Select(e => e.Delivery))}')");
        Assert.Equal(
            events.OrderBy(e => e.Delivery, StringComparer.Ordinal).Select(e => e.Type), stored!.Split(','),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task Another_secret_is_refused()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        var answer = await receiver.RunAsync("github-client.mjs", "github", "WEBHOOK_SECRET_GITHUB", "another secret", "push");

        Assert.Equal(401, answer.GetProperty("status").GetInt32());
    }
}
