using System.Net;
using System.Text;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Integration.Worker;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>The classes that share a Console: their tests run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedConsole : ICollectionFixture<ConsoleWorld>
{
    public const string Name = "Console";
}

/// <summary>
/// The Console as a process, over the three services with a database of their own, in which something of each kind has
/// happened.
/// </summary>
public sealed class ConsoleWorld(TestStack stack) : IAsyncLifetime
{
    public const string Merchant = "acme";
    public const string Stranger = "<script>alert(1)</script><img src=x onerror=alert(2)>";

    private const string SignInToken = "sign-in-token-of-the-tests";
    private const string Bearer = "Authentication__Schemes__Bearer";

    private readonly List<IAsyncDisposable> _all = [];

    public string Database { get; private set; } = "";

    public Uri Address { get; private set; } = null!;

    /// <summary>The path that signs a developer in.</summary>
    public static string Link => $"/sign-in/link?token={SignInToken}";

    public ServiceHost<SourceCatalog> Receiver { get; private set; } = null!;

    public ServiceHost<PlaybookCatalog> Worker { get; private set; } = null!;

    public ServiceHost<DeliveryClient> Sender { get; private set; } = null!;

    /// <summary>The issuer of the tests, for whoever is to have other scopes than all.</summary>
    public PageIssuer Issuer { get; private set; } = null!;

    public MerchantServer Server { get; private set; } = null!;

    /// <summary>Where operators are told of approvals.</summary>
    public MerchantServer Operators { get; private set; } = null!;

    /// <summary>An event that met a playbook and whose message was delivered.</summary>
    public Guid EventId { get; private set; }

    public Guid TaskId { get; private set; }

    public Guid EndpointId { get; private set; }

    public Guid DeliveryId { get; private set; }

    /// <summary>An event of which each part was written by somebody hostile.</summary>
    public Guid HostileId { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Database = await stack.NewDatabaseAsync();
        var redis = await stack.RedisAsync();
        Issuer = Keep(await PageIssuer.StartAsync());
        Server = Keep(await MerchantServer.StartAsync((_, context) => context.Response.WriteAsync("thanks")));
        Operators = Keep(await MerchantServer.StartAsync((_, _) => Task.CompletedTask));
        var model = Keep(await ModelServer.StartAsync(request => Answer(request)));
        (string, string)[] fast =
        [
            ("Webhooks:Links:Console", "https://console.example"), ("Webhooks:Operators:Merchant", "operators"),
            ("Webhooks:Jobs:Event:Poll", "00:00:00.1"), ("Webhooks:Jobs:Task:Poll", "00:00:00.1"),
            ("Webhooks:Jobs:Delivery:Poll", "00:00:00.1"),
        ];
        Receiver = Keep(await Services.ReceiverAsync(Database, redis, fast));
        Worker = Keep(await Services.WorkerAsync(
            Database, redis, [.. fast, .. model.Settings, .. AgentSetup.Playbook(approval: ["send_message"])]));

        Sender = Keep(await Services.SenderAsync(
            Database, redis,
            [.. fast, ("Webhooks:Pings:PerMinute", "10000")]));
        var console = Keep(ServiceProcess.Console([
            ("services__receiver__http__0", Receiver.Address.AbsoluteUri),
            ("services__worker__http__0", Worker.Address.AbsoluteUri),
            ("services__sender__http__0", Sender.Address.AbsoluteUri),
            ("Webhooks__Console__SignInToken", SignInToken),
            ("Webhooks__Console__ReceiverUrl", Receiver.Address.AbsoluteUri),
            ("Webhooks__Console__TraceUrl", "http://localhost:18888/traces/detail/{trace_id}"),
            ($"{Bearer}__SigningKeys__console__Issuer", OperatorToken.Issuer),
            ($"{Bearer}__SigningKeys__console__Value",
                OperatorToken.Settings["Authentication:Schemes:Bearer:SigningKeys:tests:Value"]),
            ($"{Bearer}__ValidAudiences__console", OperatorToken.Audience),
            .. Issuer.Settings,
        ]));
        Address = await console.AddressAsync();
        await FillAsync();
    }

    /// <summary>A browser without a window: it keeps cookies and follows redirects.</summary>
    public HttpClient NewClient(bool follow = true) => new(new SocketsHttpHandler
    {
        CookieContainer = new CookieContainer(), AllowAutoRedirect = follow, ActivityHeadersPropagator = null,
    })
    { BaseAddress = Address };

    /// <summary>The same, signed in as a developer with all scopes.</summary>
    public async Task<HttpClient> SignedInAsync()
    {
        var client = NewClient();
        using var answer = await client.GetAsync(Link, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>The same, signed in through the issuer with a token of the test's.</summary>
    public async Task<HttpClient> SignedInAsync(string token)
    {
        var client = NewClient();
        using (Issuer.Give(token))
        {
            using var answer = await client.GetAsync("/sign-in/start", TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        return client;
    }

    /// <summary>A new event whose task waits until somebody decides about a message that its agent wants to send.</summary>
    public async Task<Approval> NewApprovalAsync()
    {
        var id = await Tables.AddEventAsync(Database, """{"ask":true}""", "issues");
        return await Eventually.GetAsync("an approval is asked for", async () =>
        {
            await using var db = Tables.Open(Database);
            return await db.Approvals.FirstOrDefaultAsync(approval =>
                db.AgentTasks.Any(task => task.Id == approval.TaskId && task.EventId == id));
        });
    }

    /// <summary>A link of the portal, as a path of this Console.</summary>
    public async Task<string> NewPortalLinkAsync()
    {
        using var application = Sender.NewClient().With(OperatorToken.Create(OperatorToken.Scope("portal:write")));
        var (status, link) = await application.CallAsync("/api/v1/portal-links", new { merchant_id = Merchant });
        Assert.Equal(HttpStatusCode.OK, status);
        return new Uri(link.GetProperty("url").GetString()!).PathAndQuery;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_all))
        {
            await one.DisposeAsync();
        }
    }

    // It asks for a person where the event says so.
    private static ModelAnswer Answer(ModelRequest request) =>
        request.Results.Count == 0 && request.Text.Contains("\"ask\"", StringComparison.Ordinal)
            ? ModelAnswer.Call(
                "send_message", new { type = "issue.note", data = new { text = "Look at this", amount = 12345678901234567890m } })
            : "Nothing else is to be done.";

    private async Task FillAsync()
    {
        EndpointId = await Tables.AddEndpointAsync(Database, Merchant, Server.Url);
        await Tables.AddEndpointAsync(Database, "operators", Operators.Url);
        await Tables.AddEndpointAsync(Database, "other", new Uri(Server.Url, "/broken"), active: false);
        const string Body = """
            {"zebra":1,"amount":123456789012345678901234567890.10,"apple":{"b":[1,2,{"c":null}],"a":true},"text":"Grüße"}
            """;
        EventId = await Tables.AddEventAsync(
            Database, Body, "release", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await NewApprovalAsync();
        TaskId = (await Eventually.GetAsync("the task is there", async () =>
        {
            await using var db = Tables.Open(Database);
            return await db.AgentTasks.FirstOrDefaultAsync(task => task.EventId == EventId);
        })).Id;
        await Tables.FinishedJobAsync(Database, TaskId);
        await Eventually.HoldsAsync("a message is delivered", () => Task.FromResult(Server.All.Count > 0));
        DeliveryId = await Sql.ScalarAsync<Guid>(
            Database, $"select id from webhooks.deliveries where endpoint_id = '{EndpointId}' order by id limit 1");
        await Tables.FinishedJobAsync(Database, DeliveryId);

        HostileId = await Tables.AddEventAsync(
            Database, $$"""{"html":"{{Stranger}}","bidi":"pay \u202e001 to","long":"{{new string('x', 20_000)}}"}""".Replace(
                "\\u202e", "\u202e", StringComparison.Ordinal),
            $"{Stranger}\u202e", "github");
        using var refused = SignedRequest.GitHub("{}", secret: "another-secret-altogether");
        using var client = Receiver.NewClient();
        using var answer = await client.SendAsync(refused, TestContext.Current.CancellationToken);
        using var message = Integration.Receiver.Delivery.Signed("messages", "unused", Encoding.UTF8.GetBytes(
            $$"""
            {"message_id":"m1","from":"+14155550100","to":"+14155550101","ts":"2025-12-07T10:30:00Z","text":"{{Stranger}}"}
            """));
        using var accepted = await client.SendAsync(message, TestContext.Current.CancellationToken);
        accepted.EnsureSuccessStatusCode();
    }

    private T Keep<T>(T one)
        where T : IAsyncDisposable
    {
        _all.Add(one);
        return one;
    }
}
