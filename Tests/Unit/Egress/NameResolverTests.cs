using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

/// <summary>Lookups block their threads until the test lets them end.</summary>
public sealed class NameResolverTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly IPAddress[] Answer = [IPAddress.Parse("1.1.1.1"), IPAddress.Parse("2606::1")];

    private readonly CancellationTokenSource _end = new();
    private readonly BlockingCollection<string> _begun = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource<IPAddress[]>> _answers =
        new(StringComparer.OrdinalIgnoreCase);

    private int _count;
    private int _running;
    private int _most;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Leaves no thread behind.
    public void Dispose() => _end.Cancel();

    [Fact]
    public async Task Lookups_of_one_name_at_the_same_time_are_one()
    {
        var resolver = new NameResolver(LookUp, 8);

        string[] spellings = ["hooks.example", "HOOKS.example", "hooks.example"];
        var callers = spellings.Select(host => resolver.ResolveAsync(host, Cancellation)).ToList();
        Begun();
        Of("hooks.example").SetResult(Answer);

        Assert.All(await Task.WhenAll(callers).WaitAsync(Limit, Cancellation), answer => Assert.Equal(Answer, answer));
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task Names_are_looked_up_at_the_same_time()
    {
        var resolver = new NameResolver(LookUp, 8);

        string[] names = ["a.example", "a.example.", "b.example"];
        var callers = names.Select(host => resolver.ResolveAsync(host, Cancellation)).ToList();
        string[] begun = [Begun(), Begun(), Begun()];

        Assert.Equivalent(names, begun, strict: true);
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(callers).WaitAsync(Limit, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task An_answer_is_not_kept_for_the_next_caller(int threads)
    {
        var answers = new ConcurrentQueue<string>(["8.8.8.8", "127.0.0.1"]);
        var resolver = new NameResolver(_ => answers.TryDequeue(out var answer) ? [IPAddress.Parse(answer)] : [], threads);

        Assert.Equal([IPAddress.Parse("8.8.8.8")], await resolver.ResolveAsync("hooks.example", Cancellation));
        Assert.Equal([IPAddress.Loopback], await resolver.ResolveAsync("hooks.example", Cancellation));
        Assert.Empty(await resolver.ResolveAsync("hooks.example", Cancellation));
    }

    [Fact]
    public async Task A_failure_is_every_callers_of_that_lookup_and_nobody_elses()
    {
        var resolver = new NameResolver(LookUp, 1);
        var first = resolver.ResolveAsync("hooks.example", Cancellation);
        var second = resolver.ResolveAsync("hooks.example", Cancellation);
        Begun();

        Of("hooks.example").SetException(new SocketException((int)SocketError.HostNotFound));
        foreach (var caller in (Task[])[first, second])
        {
            var failure = await Assert.ThrowsAsync<SocketException>(() => caller.WaitAsync(Limit, Cancellation));
            Assert.Equal(SocketError.HostNotFound, failure.SocketErrorCode);
        }

        _answers.Clear();
        Of("hooks.example").SetResult(Answer);
        Assert.Equal(Answer, await resolver.ResolveAsync("hooks.example", Cancellation).WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task No_more_than_so_many_run_at_once_and_all_have_their_turn_in_their_order()
    {
        var resolver = new NameResolver(LookUp, 3);
        var names = Enumerable.Range(0, 30).Select(number => $"n{number}.example").ToList();
        var callers = names.Select(name => resolver.ResolveAsync(name, Cancellation)).ToList();

        var begun = new List<string>();
        for (var turn = 0; turn < names.Count; turn++)
        {
            begun.Add(Begun());
            if (turn >= 2)
            {
                // One thread is freed at a time.
                Of(begun[turn - 2]).SetResult(Answer);
            }
        }

        Assert.Equal(names[3..], begun[3..]);
        begun.ForEach(name => Of(name).TrySetResult(Answer));
        Assert.All(await Task.WhenAll(callers).WaitAsync(Limit, Cancellation), answer => Assert.Equal(Answer, answer));
        Assert.Equal((3, 30), (_most, _count));
    }

    [Fact]
    public async Task A_resolver_that_is_dead_gets_no_more_threads_and_what_was_given_up_no_turn()
    {
        var resolver = new NameResolver(LookUp, 2);
        using var given = new CancellationTokenSource();
        var names = Enumerable.Range(0, 1000).Select(number => $"n{number}.example");
        var callers = names.Select(name => resolver.ResolveAsync(name, given.Token)).ToList();
        var running = (string[])[Begun(), Begun()];

        await given.CancelAsync();
        foreach (var caller in callers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.WaitAsync(Limit, Cancellation));
        }

        // The threads are still held: another waits, and is the next.
        var next = resolver.ResolveAsync("hooks.example", Cancellation);
        Of("hooks.example").SetResult(Answer);
        Assert.Equal(2, _count);
        Of(running[0]).SetResult(Answer);

        Assert.Equal(Answer, await next.WaitAsync(Limit, Cancellation));
        Assert.Equal((2, 3), (_most, _count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_gives_up_takes_the_lookup_from_nobody(bool hasTurn)
    {
        var resolver = new NameResolver(LookUp, 1);
        if (!hasTurn)
        {
            _ = resolver.ResolveAsync("other.example", Cancellation);
        }

        using var given = new CancellationTokenSource();
        var first = resolver.ResolveAsync("hooks.example", given.Token);
        var second = resolver.ResolveAsync("hooks.example", Cancellation);
        Begun();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Limit, Cancellation));

        Of("hooks.example").SetResult(Answer);
        Of("other.example").SetResult(Answer);

        Assert.Equal(Answer, await second.WaitAsync(Limit, Cancellation));
    }

    [Fact]
    public async Task A_name_that_hangs_holds_one_thread_however_often_it_is_given_up()
    {
        var resolver = new NameResolver(LookUp, 2);
        for (var time = 0; time < 100; time++)
        {
            using var given = new CancellationTokenSource();
            var caller = resolver.ResolveAsync("dead.example", given.Token);
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller.WaitAsync(Limit, Cancellation));
        }

        var last = resolver.ResolveAsync("dead.example", Cancellation);
        Of("dead.example").SetResult(Answer);

        Assert.Equal(Answer, await last.WaitAsync(Limit, Cancellation));
        Assert.Equal(1, _count);
    }

    [Fact]
    public async Task A_name_of_the_hosts_file_resolves()
    {
        var resolver = new NameResolver(Dns.GetHostAddresses, NameResolver.MaxThreads);

        var addresses = await resolver.ResolveAsync("localhost", Cancellation).WaitAsync(Limit, Cancellation);

        Assert.Contains(IPAddress.Loopback, addresses);
    }

    private string Begun() =>
        _begun.TryTake(out var name, (int)Limit.TotalMilliseconds, Cancellation) ? name : throw new TimeoutException();

    private TaskCompletionSource<IPAddress[]> Of(string host) => _answers.GetOrAdd(host, _ => new());

    private IPAddress[] LookUp(string host)
    {
        var running = Interlocked.Increment(ref _running);
        InterlockedMax(running);
        Interlocked.Increment(ref _count);
        var answer = Of(host).Task;
        _begun.Add(host, CancellationToken.None);
        try
        {
            answer.Wait(_end.Token);
            return answer.Result;
        }
        catch (AggregateException exception)
        {
            throw exception.InnerException!;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private void InterlockedMax(int running)
    {
        for (var most = _most; running > most; most = _most)
        {
            Interlocked.CompareExchange(ref _most, running, most);
        }
    }
}
