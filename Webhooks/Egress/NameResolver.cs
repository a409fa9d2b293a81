using System.Net;

namespace Aspire.Webhooks.Egress;

/// <summary>
/// Resolves names on a bounded number of dedicated threads. Concurrent lookups of one name share one call. Results are not
/// cached: a request after the end of a lookup starts another.
/// </summary>
/// <remarks>
/// The lookup calls the platform's resolver, so that names resolve as in every other program on the host: the hosts file,
/// nsswitch.conf, search domains, the DNS of Docker and Kubernetes, and the order of addresses of RFC 6724 apply. A client
/// that speaks only DNS, such as DnsClient, supports none of them. The call blocks a thread while name servers are silent, 10 s
/// by default with one server, and cannot be cancelled. On the thread pool, 250 such names delayed all other work
/// for 40 s.
/// </remarks>
/// <param name="lookUp">Returns the addresses of a name, or throws.</param>
/// <param name="maxThreads">The number of lookups that run at once. The others wait in order of arrival.</param>
internal sealed class NameResolver(Func<string, IPAddress[]> lookUp, int maxThreads)
{
    /// <summary>
    /// The default number of threads. It equals the Sender's places for slow attempts, which take longer than half a second
    /// (<c>SlowConcurrency</c>), so that names that hang fill the threads only when they also fill those places. A blocked
    /// thread takes 37 KiB of memory, 512 take 19 MiB. Idle threads end.
    /// </summary>
    public const int MaxThreads = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lookup> _lookups = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<Lookup> _waiting = [];
    private int _threads;

    /// <summary>
    /// Returns the addresses of a name in the order of the lookup. A lookup that has started continues when its callers cancel,
    /// for those that ask meanwhile. A lookup that waits for a thread is dropped with its last caller.
    /// </summary>
    /// <exception cref="System.Net.Sockets.SocketException">The name does not resolve.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var lookup = Join(host);
        try
        {
            return await lookup.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(lookup);
        }
    }

    private Lookup Join(string host)
    {
        lock (_lock)
        {
            if (!_lookups.TryGetValue(host, out var lookup))
            {
                lookup = new(host);
                Enqueue(lookup);
                _lookups.Add(host, lookup);
            }

            lookup.Callers++;
            return lookup;
        }
    }

    private void Leave(Lookup lookup)
    {
        lock (_lock)
        {
            if (--lookup.Callers == 0 && _waiting.Remove(lookup))
            {
                _lookups.Remove(lookup.Host);
            }
        }
    }

    private void Enqueue(Lookup lookup)
    {
        if (_threads == maxThreads)
        {
            _waiting.AddLast(lookup);
            return;
        }

        // The thread must not carry the execution context of its first caller, which is one of several. If the thread cannot be
        // started, no state has changed.
        new Thread(() => Run(lookup)) { IsBackground = true, Name = "Name resolution" }.UnsafeStart();
        _threads++;
    }

    private void Run(Lookup first)
    {
        for (var lookup = first; lookup is not null;)
        {
            Lookup? next;
            try
            {
                var addresses = lookUp(lookup.Host);
                next = End(lookup);
                lookup.Answer.SetResult(addresses);
            }
            catch (Exception exception)
            {
                next = End(lookup);
                lookup.Answer.SetException(exception);

                // Observes the exception, which has no caller when all have left.
                _ = lookup.Answer.Task.Exception;
            }

            lookup = next;
        }
    }

    // Ends the lookup before its answer is set, so that nobody joins a lookup that has been answered. Null ends the thread.
    private Lookup? End(Lookup lookup)
    {
        lock (_lock)
        {
            _lookups.Remove(lookup.Host);
            if (_waiting.First is not { } next)
            {
                _threads--;
                return null;
            }

            _waiting.RemoveFirst();
            return next.Value;
        }
    }

    private sealed class Lookup(string host)
    {
        public string Host => host;

        public int Callers { get; set; }

        public TaskCompletionSource<IPAddress[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
