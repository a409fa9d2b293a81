using System.Net;

namespace Aspire.Webhooks.Egress;

/// <summary>
/// Resolves names on a bounded number of threads of its own. Lookups of one name that would run at the same time are one. Nothing
/// is remembered: whoever asks after a lookup has ended starts another.
/// </summary>
/// <remarks>
/// The lookup is the platform's resolver, so that names resolve as in every other program on the host: the hosts file,
/// nsswitch.conf, search domains, the DNS of Docker and Kubernetes, and the order of addresses by RFC 6724 are its work. A client
/// that speaks DNS alone, such as DnsClient, knows none of them. It blocks a thread for as long as name servers keep silent, 10 s
/// by default with one of them, and cannot be cancelled. On the pool's threads, 250 such names kept everything else waiting
/// for 40 s.
/// </remarks>
/// <param name="lookUp">Returns a name's addresses, or throws.</param>
/// <param name="maxThreads">How many lookups run at once; the others wait for their turn in the order of their arrival.</param>
internal sealed class NameResolver(Func<string, IPAddress[]> lookUp, int maxThreads)
{
    /// <summary>
    /// As many as the Sender's places for attempts that take longer than half a second (<c>SlowConcurrency</c>): names that hang
    /// fill the threads only when they fill those places as well. A blocked thread takes 37 KiB of memory, 512 take 19 MiB, and
    /// none is kept when there is nothing to resolve.
    /// </summary>
    public const int MaxThreads = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lookup> _lookups = new(StringComparer.OrdinalIgnoreCase);
    private readonly LinkedList<Lookup> _waiting = [];
    private int _threads;

    /// <summary>
    /// A name's addresses, as its lookup gives them. A lookup that has begun goes on without its callers, for whoever asks
    /// meanwhile; one that waits for its turn is dropped with its last caller.
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

        // Without the context of its first caller, who is one of several. A thread that cannot be started has changed nothing.
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

                // It is nobody's when all callers have left.
                _ = lookup.Answer.Task.Exception;
            }

            lookup = next;
        }
    }

    // Before the answer is given, so that nobody who has it can get it again. Null ends the thread.
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
