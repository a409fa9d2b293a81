using System.Collections.Concurrent;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>A listener of the source <c>shop</c> that does as the test says and keeps what it was shown and told.</summary>
public abstract class ScriptedListener : WebhookListener
{
    private int _calls;

    public const string Shop = "shop";

    /// <summary>What it does at its first, second, … call; nothing after these.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Script { get; init; } = [];

    public IReadOnlyList<string> Types { get; init; } = ["*"];

    public Func<Task> WhenTold { get; init; } = () => Task.CompletedTask;

    public string ForSource { get; init; } = Shop;

    public ConcurrentQueue<Guid> Heard { get; } = [];

    public ConcurrentQueue<Exception> Told { get; } = [];

    public override string Source => ForSource;

    public override IReadOnlyList<string> EventTypes => Types;

    public override Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        Heard.Enqueue(webhookEvent.Id);
        var call = Interlocked.Increment(ref _calls) - 1;
        return call < Script.Count ? Script[call](cancellationToken) : Task.CompletedTask;
    }

    public override Task OnErrorAsync(WebhookEvent webhookEvent, Exception exception, CancellationToken cancellationToken)
    {
        Told.Enqueue(exception);
        return WhenTold();
    }

    public static Func<CancellationToken, Task> Fails(string message) => _ => throw new InvalidOperationException(message);

    /// <summary>Runs until it is cancelled.</summary>
    public static Func<CancellationToken, Task> Stays() =>
        token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

    /// <summary>A Worker with these listeners and, when one is given, a log.</summary>
    public static async Task<IAsyncDisposable> WorkerAsync(
        TestStack stack, string database, IEnumerable<WebhookListener> listeners, RecordedLog? log = null,
        params (string Key, string Value)[] settings)
    {
        void Add(IServiceCollection services)
        {
            foreach (var listener in listeners)
            {
                services.AddSingleton(listener);
            }

            if (log is not null)
            {
                services.AddSingleton<ILoggerProvider>(log);
            }
        }

        return await Services.WorkerAsync(
            database, await stack.RedisAsync(), Add, [("Webhooks:Jobs:Event:Poll", "00:00:00.1"), .. settings]);
    }
}

// Several of one source, each with a name of its own.
public sealed class FirstListener : ScriptedListener;

public sealed class SecondListener : ScriptedListener;

public sealed class ThirdListener : ScriptedListener;
