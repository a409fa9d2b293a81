using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Calls between our own services are repeated by the standard resilience handler, and nothing else is.</summary>
public sealed class ResilienceTests(TestStack stack)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", 4)]
    [InlineData("POST", 1)]
    public async Task A_client_of_the_factory_repeats_reads_alone(string method, int requests)
    {
        await using var server = await BusyServerAsync();
        await using var receiver = await Services.ReceiverAsync(await stack.NewDatabaseAsync(), await stack.RedisAsync());
        using var client = receiver.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        using var answer = await client.SendAsync(new(new(method), server.Url), Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, requests), (answer.StatusCode, server.All.Count));
    }

    [Fact]
    public async Task A_delivery_is_posted_once_for_each_attempt()
    {
        await using var server = await BusyServerAsync();
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        await using var sender = await Services.SenderAsync(outbox.Database, await stack.RedisAsync());
        await outbox.AddEndpointAsync(server.Url);
        await outbox.PublishAsync();

        var attempts = await outbox.AttemptsAsync(2);

        Assert.Equal(attempts.Count, server.All.Count);
    }

    [Fact]
    public async Task An_agents_tool_asks_once()
    {
        await using var server = await BusyServerAsync();
        await using var worker = await Services.WorkerAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Egress:Loopback:0", "localhost:*"));
        var tool = worker.Services.GetRequiredService<FetchUrl>();

        await Assert.ThrowsAsync<ToolException>(
            () => tool.FetchAsync($"http://localhost:{server.Port}/", [$"localhost:{server.Port}"], Cancellation));

        Assert.Single(server.All);
    }

    // It may be asked again at once, so that nothing but the caller decides how often.
    private static Task<MerchantServer> BusyServerAsync() => MerchantServer.StartAsync((_, context) =>
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "0";
        return Task.CompletedTask;
    });
}
