using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Aspire.Webhooks.Tests.Integration.Orchestration;

/// <summary>The commands that the dashboard offers.</summary>
public sealed class CommandTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Sources => [.. AppHost.Secrets.Sources];

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_test_event_is_signed_as_each_source_wants_it(string source)
    {
        var before = await EventsAsync(source);

        var sent = await ExecuteAsync("send-event", ("source", source), ("type", "test"));

        Assert.True(sent.Success, sent.Message);
        Assert.True(await EventsAsync(source) > before);
    }

    [Fact]
    public async Task A_test_event_of_no_source_is_refused()
    {
        var sent = await ExecuteAsync("send-event", ("source", "nobody"), ("type", "test"));

        Assert.False(sent.Success);
    }

    [Fact]
    public async Task A_token_has_the_scopes_and_the_merchant_that_were_asked_for_and_opens_a_service()
    {
        var made = await ExecuteAsync("make-token", ("scopes", "events:read webhooks:read"), ("merchant", "acme"));

        Assert.True(made.Success, made.Message);
        var token = new JsonWebToken(made.Data!.Value);
        var scopes = token.Claims.Where(claim => claim.Type == "scope").Select(claim => claim.Value);
        Assert.Equal("events:read webhooks:read", string.Join(' ', scopes));
        Assert.Equal("acme", token.GetClaim("merchant_id").Value);
        using var receiver = (await stack.ApplicationAsync()).CreateHttpClient("receiver", "http").With(made.Data.Value);
        Assert.True((await receiver.GetAsync("/events", Cancellation)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Buried_events_are_replayed()
    {
        var replayed = await ExecuteAsync("replay-buried", ("reason", "a test of the command"));

        Assert.True(replayed.Success, replayed.Message);
        var id = JsonElement.Parse(replayed.Data!.Value).GetProperty("id").GetString();
        var kept = $"webhooks.replays where id = '{id}' and reason = 'a test of the command'";
        Assert.Equal(1, await Sql.CountAsync(await stack.DatabaseAsync(), kept));
    }

    [Fact]
    public async Task A_source_is_paused_and_resumed()
    {
        const string Paused = "webhooks.lanes where kind = 'event' and lane = 'square' and paused_at is not null";

        var paused = await ExecuteAsync("pause-source", ("source", "square"), ("reason", "a test of the command"));
        var waiting = await Sql.CountAsync(await stack.DatabaseAsync(), Paused);
        var resumed = await ExecuteAsync("resume-source", ("source", "square"), ("reason", "a test of the command"));
        var unknown = await ExecuteAsync("pause-source", ("source", "nobody"), ("reason", "a test of the command"));

        Assert.True(paused.Success, paused.Message);
        Assert.Equal(1, waiting);
        Assert.True(resumed.Success, resumed.Message);
        Assert.Equal(0, await Sql.CountAsync(await stack.DatabaseAsync(), Paused));
        Assert.False(unknown.Success);
    }

    [Theory]
    [InlineData("nobody", "a day", "validation failed")]
    [InlineData("square", "for ever", "validation failed")]
    [InlineData("square", "a day", "WEBHOOK_SECRET_SQUARE is set by the environment or the command line")]
    public async Task A_secret_that_cannot_be_kept_is_not_rotated(string source, string overlap, string why)
    {
        var rotated = await ExecuteAsync("rotate-secret", ("source", source), ("overlap", overlap));

        Assert.False(rotated.Success);
        Assert.Contains(why, rotated.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Console_is_opened_by_the_link_that_signs_in()
    {
        var opened = await ExecuteOnAsync("console", "open-console");

        Assert.True(opened.Success, opened.Message);
        using var client = new HttpClient();
        var link = opened.Data!.Value.Split('(', ')')[1];
        using var page = await client.GetAsync(link, Cancellation);
        Assert.True(page.IsSuccessStatusCode, link);
    }

    [Fact]
    public async Task What_a_command_shows_has_no_credential_that_it_was_given()
    {
        string[] canaries = [.. Canaries.All.Values, .. RunningApp.Secrets.Values];

        List<ExecuteCommandResult> results =
        [
            await ExecuteAsync("send-event", ("source", "github"), ("type", string.Join(' ', canaries))),
        ];
        foreach (var reason in Texts(canaries, length: 500))
        {
            results.Add(await ExecuteAsync("replay-buried", ("reason", reason)));
        }

        // Too long, and so in the answer that refuses it.
        results.Add(await ExecuteAsync("replay-buried", ("reason", string.Join(' ', canaries))));
        Assert.False(results[^1].Success);
        foreach (var result in results)
        {
            var shown = $"{result.Message} {result.Data?.Value}";
            Assert.DoesNotContain(canaries, canary => shown.Contains(canary, StringComparison.Ordinal));
        }
    }

    private Task<ExecuteCommandResult> ExecuteAsync(string command, params (string Name, string Value)[] arguments) =>
        ExecuteOnAsync("receiver", command, arguments);

    private async Task<ExecuteCommandResult> ExecuteOnAsync(
        string resourceName, string command, params (string Name, string Value)[] arguments)
    {
        var application = await stack.ApplicationAsync();
        var model = application.Services.GetRequiredService<DistributedApplicationModel>();
        var inputs = arguments.Select(argument =>
            new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value });
        return await application.ResourceCommands.ExecuteCommandAsync(
            model.Resources.Single(resource => resource.Name == resourceName), command, new([.. inputs]), Cancellation);
    }

    // All words, in texts that are not longer.
    private static List<string> Texts(IEnumerable<string> words, int length)
    {
        List<string> texts = [""];
        foreach (var word in words)
        {
            if (texts[^1].Length + 1 + word.Length > length)
            {
                texts.Add("");
            }

            texts[^1] = $"{texts[^1]} {word}".Trim();
        }

        return texts;
    }

    private async Task<long> EventsAsync(string source) =>
        await Sql.CountAsync(await stack.DatabaseAsync(), $"webhooks.inbound_events where source = '{source}'");
}
