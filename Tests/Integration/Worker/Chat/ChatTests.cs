using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Integration.Receiver;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Worker.Chat;

/// <summary>The listeners that docs/operator-events.md shows, against a chat on a socket.</summary>
public sealed class ChatTests(TestStack stack)
{
    private const string Approver = "U061F7AUR";
    private const string Team = "T061EG9R6";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(SlackListener))]
    [InlineData(nameof(TeamsListener))]
    [InlineData(nameof(SlackApprovals))]
    public async Task The_page_shows_each_listener_as_it_is_tested(string listener)
    {
        const string Namespace = "namespace Aspire.Webhooks.Tests.Integration.Worker.Chat;\n\n";
        var page = await ReadAsync("docs", "operator-events.md");
        var file = await ReadAsync("Tests", "Integration", "Worker", "Chat", $"{listener}.cs");

        Assert.Contains($"```csharp\n{file.Split(Namespace)[1]}```\n", page, StringComparison.Ordinal);

        static async Task<string> ReadAsync(params string[] path) =>
            (await File.ReadAllTextAsync(Path.Combine([Repository.Folder, .. path]), Cancellation)).ReplaceLineEndings("\n");
    }

    [Fact]
    public async Task Slack_is_told_what_was_buried_without_a_link_or_mention_of_a_stranger_s()
    {
        var message = await PostedAsync(
            (http, settings) => new SlackListener(http, settings), "event.buried",
            new { source = "github", reason = "<!channel> & <https://evil.example.com|look>" });

        Assert.Equal(
            "event.buried\nsource: github\nreason: &lt;!channel&gt; &amp; &lt;https://evil.example.com|look&gt;\n"
                + "https://console.example.com/x",
            message.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Teams_gets_a_card_with_what_is_asked_and_until_when()
    {
        var message = await PostedAsync(
            (http, settings) => new TeamsListener(http, settings), "approval.requested",
            new
            {
                playbook = "triage", tool = "send_message", may_repeat = true, expires_at = "2026-03-01T09:30:00.1234567+00:00",
            });

        var card = message.GetProperty("attachments")[0];
        Assert.Equal("application/vnd.microsoft.card.adaptive", card.GetProperty("contentType").GetString());
        Assert.Equal(
            [
                "The playbook triage asks whether it may call send_message.",
                "Without a decision until 2026-03-01 09:30:00Z it may not.", "The call may have been made before.",
                "https://console.example.com/x",
            ],
            card.GetProperty("content").GetProperty("body").EnumerateArray()
                .Select(block => block.GetProperty("text").GetString()!), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_press_in_Slack_decides_once_if_it_is_an_approver_s_and_for_what_was_asked()
    {
        await using var slack = await MerchantServer.StartAsync();
        await using var model = await ModelServer.StartAsync(
            ModelAnswer.Call("send_message", new { type = "issue.note", data = new { n = 1 } }), "Sent.");
        await using var setup = await AgentSetup.StartAsync(
            stack, model, services => services.AddWebhookListener<SlackListener>().AddWebhookListener<SlackApprovals>(),
            [
                .. AgentSetup.Playbook(approval: ["send_message"]), ("Webhooks:Operators:Merchant", "operators"),
                ("Webhooks:Links:Console", "https://console.example.com"), ("Webhooks:Egress:Loopback:0", "127.0.0.1:*"),
                ("CHAT_URL", slack.Url.AbsoluteUri), ("Slack:Approvers:0", $"{Team}/{Approver}"),
            ]);
        await using var host = await Services.ReceiverAsync(setup.Database, await stack.RedisAsync());
        using var receiver = host.NewClient();
        var presses = new Presses(receiver, slack);
        var waiting = await setup.InStateAsync(await setup.AddAsync("{}"), "waiting");

        // What the Sender would bring to the source.
        var told = await Sql.ScalarAsync<string>(
            setup.Database, "select convert_from(payload, 'UTF8') from webhooks.messages where merchant_id = 'operators'");
        await Tables.AddEventAsync(setup.Database, told!, "approval.requested", "operators");
        var asked = JsonElement.Parse((await slack.NextAsync()).Text);
        Assert.StartsWith(
            "The playbook triage asks whether it may call send_message.\n", asked.GetProperty("text").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("https://console.example.com/", asked.GetProperty("text").GetString(), StringComparison.Ordinal);
        var buttons = asked.GetProperty("blocks")[1].GetProperty("elements");
        var (approve, refuse) = (buttons[0].Clone(), buttons[1].Clone());

        Assert.Equal((false, "You are not one of those who decide."), await presses.PressAsync(approve, user: "U0STRANGER"));
        Assert.Equal((false, "You are not one of those who decide."), await presses.PressAsync(approve, team: "T0STRANGE"));
        Assert.Equal(
            (false, "That was too long ago. Press again."), await presses.PressAsync(approve, ago: TimeSpan.FromHours(1)));
        Assert.Equal(
            (false, "Nothing waits for this decision."),
            await presses.PressAsync(approve, value: $"{waiting.Approvals.Single().Id} {new string('0', 64)}"));
        Assert.Equal("pending", (await setup.InStateAsync(waiting.EventId, "waiting")).Approvals.Single().State);
        Assert.Equal(0, await Sql.CountAsync(setup.Database, "webhooks.audit"));

        var press = presses.Form(approve, Approver, Team, TimeSpan.Zero);
        Assert.Equal((true, $"send_message was granted by <@{Approver}>."), await presses.SendAsync(press));
        var task = await setup.EndedAsync(waiting.EventId);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");

        // The same press is a duplicate; another press, and a replay of the first, find it decided.
        var events = await Sql.CountAsync(setup.Database, "webhooks.inbound_events");
        Assert.Equal(HttpStatusCode.OK, (await receiver.PostAsync(Signed(press))).Status);
        Assert.Equal(events, await Sql.CountAsync(setup.Database, "webhooks.inbound_events"));
        Assert.Equal((true, $"send_message was granted by <@{Approver}>."), await presses.PressAsync(refuse));
        await Sql.ExecuteAsync(setup.Database, """
            insert into webhooks.jobs (kind, ref_id, lane)
            select 'event', id, 'slack' from webhooks.inbound_events where source = 'slack'
            """);
        await presses.AnswersAsync(6);

        task = await setup.EndedAsync(waiting.EventId);
        Assert.Single(task.Messages, message => message.EventType == "issue.note");
        Assert.Equal(("granted", $"slack:{Team}/{Approver}"), (task.Approvals.Single().State, task.Approvals.Single().DecidedBy));
        const string AuditSql = "select string_agg(actor || ' ' || action, ', ') from webhooks.audit";
        Assert.Equal($"slack:{Team}/{Approver} grant", await Sql.ScalarAsync<string>(setup.Database, AuditSql));
    }

    private static HttpRequestMessage Signed(byte[] form)
    {
        var request = Delivery.Signed("slack", "", form);
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        return request;
    }

    private static async Task<JsonElement> PostedAsync(
        Func<IHttpClientFactory, IConfiguration, WebhookListener> listener, string type, object data)
    {
        await using var chat = await MerchantServer.StartAsync();
        await using var services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("CHAT_URL", (string?)chat.Url.AbsoluteUri)]).Build();
        var body = JsonSerializer.SerializeToUtf8Bytes(new { type, url = "https://console.example.com/x", data });

        await listener(services.GetRequiredService<IHttpClientFactory>(), settings).HandleAsync(
            new(
                Guid.CreateVersion7(), "operators", "1", type, "application/json",
                new Dictionary<string, string>(StringComparer.Ordinal), body),
            Cancellation);

        return JsonElement.Parse((await chat.NextAsync()).Text);
    }

    /// <summary>Presses of buttons, as Slack sends them to the Receiver.</summary>
    private sealed class Presses(HttpClient receiver, MerchantServer slack)
    {
        public Task<(bool, string)> PressAsync(
            JsonElement button, string user = Approver, string team = Team, TimeSpan ago = default, string? value = null) =>
            SendAsync(Form(button, user, team, ago, value));

        /// <summary>Returns the answer at the URL that Slack names in the request.</summary>
        public async Task<(bool, string)> SendAsync(byte[] form)
        {
            Assert.Equal(HttpStatusCode.OK, (await receiver.PostAsync(Signed(form))).Status);
            var answer = JsonElement.Parse((await slack.NextAsync()).Text);
            return (answer.GetProperty("replace_original").GetBoolean(), answer.GetProperty("text").GetString()!);
        }

        public async Task AnswersAsync(int count)
        {
            for (var answered = 0; answered < count; answered++)
            {
                await slack.NextAsync();
            }
        }

        public byte[] Form(JsonElement button, string user, string team, TimeSpan ago, string? value = null)
        {
            var payload = JsonSerializer.Serialize(new
            {
                type = "block_actions", api_app_id = "A0KRD7HC3", trigger_id = Guid.CreateVersion7(),
                user = new { id = user, username = "somebody", team_id = team },
                response_url = new Uri(slack.Url, "/actions/T061EG9R6/1/2"),
                actions = new[]
                {
                    new
                    {
                        type = "button", action_id = button.GetProperty("action_id").GetString(),
                        value = value ?? button.GetProperty("value").GetString(),
                        action_ts = $"{(TimeProvider.System.GetUtcNow() - ago).ToUnixTimeMilliseconds() / 1000m:F6}",
                    },
                },
            });
            return Encoding.UTF8.GetBytes($"payload={Uri.EscapeDataString(payload)}");
        }
    }
}
