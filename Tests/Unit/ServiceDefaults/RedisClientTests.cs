using System.Diagnostics;
using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class RedisClientTests : IDisposable
{
    private readonly RedisServer _redis = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public RedisClientTests() => Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not installed");

    public void Dispose() => _redis.Dispose();

    [Fact]
    public async Task Awaited_calls_inside_requests_complete()
    {
        await _redis.StartAsync(Cancelled);
        await using var service = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => service.Client.GetStringAsync("/count", Cancelled)))
            .WaitAsync(Eventually.Limit, Cancelled);

        Assert.Equal(Enumerable.Range(1, 200), answers.Select(int.Parse).Order());
    }

    [Fact]
    public async Task Published_messages_reach_subscribers()
    {
        await _redis.StartAsync(Cancelled);
        await using var service = await StartAsync();
        var subscriber = service.App.Services.GetRequiredService<IConnectionMultiplexer>().GetSubscriber();
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Named as a channel: current versions of the client warn of text that becomes one by itself.
        var channel = new RedisChannel("wake", RedisChannel.PatternMode.Literal);
        await subscriber.SubscribeAsync(channel, (_, message) => received.TrySetResult(message!));
        await subscriber.PublishAsync(channel, "up");

        Assert.Equal("up", await received.Task.WaitAsync(Eventually.Limit, Cancelled));
    }

    [Fact]
    public async Task Without_redis_a_service_starts_at_once_stays_ready_and_fails_calls_fast()
    {
        await using var service = await StartAsync();
        var clock = Stopwatch.StartNew();

        using var ready = await service.Client.GetAsync("/health/ready", Cancelled);
        using var count = await service.Client.GetAsync("/count", Cancelled);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal("Degraded", await service.Client.GetStringAsync("/health", Cancelled));
        Assert.Equal(HttpStatusCode.InternalServerError, count.StatusCode);
        // Current versions of the client hold a call back for 5 s; 1.2.6 fails it at once.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"took {clock.Elapsed}");
    }

    [Fact]
    public async Task A_client_finds_redis_when_it_comes_and_when_it_comes_back()
    {
        await using var service = await StartAsync();
        Assert.Equal("Degraded", await service.Client.GetStringAsync("/health", Cancelled));

        await _redis.StartAsync(Cancelled);
        await ReachAsync(service, "Healthy");
        _redis.Stop();
        await ReachAsync(service, "Degraded");
        await _redis.StartAsync(Cancelled);
        await ReachAsync(service, "Healthy");

        // The client says that it is connected a moment before its first call goes through.
        var count = await Eventually.GetAsync("a call goes through", async () =>
        {
            using var answer = await service.Client.GetAsync("/count", Cancelled);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(Cancelled) : null;
        });
        Assert.Equal("1", count);
    }

    private Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(
        builder => builder.AddRedisClient("redis"),
        app => app.MapGet("/count", async (IConnectionMultiplexer redis) => (await redis.GetDatabase().StringIncrementAsync("count")).ToString()),
        ("ConnectionStrings:redis", _redis.ConnectionString));

    private static Task ReachAsync(ServiceHost service, string health) =>
        Eventually.HoldsAsync($"the service is {health}", async () => await service.Client.GetStringAsync("/health", Cancelled) == health);
}
