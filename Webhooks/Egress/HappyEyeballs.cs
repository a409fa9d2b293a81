using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Egress;

/// <summary>Connects to the first of a name's addresses that answers, trying one shortly after the other (RFC 8305).</summary>
internal static class HappyEyeballs
{
    /// <summary>When the next attempt starts beside one under way: the Connection Attempt Delay of RFC 8305, section 8.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The addresses in the order in which they are tried: the families take turns, beginning with the first address's, and
    /// within a family the resolver's order stays (RFC 8305, section 4, with a First Address Family Count of 1).
    /// </summary>
    public static IPAddress[] InOrder(IEnumerable<IPAddress> addresses) =>
    [
        .. addresses.GroupBy(address => address.AddressFamily)
            .SelectMany(family => family.Select((address, turn) => (address, turn)))
            .OrderBy(entry => entry.turn)
            .Select(entry => entry.address),
    ];

    /// <summary>
    /// The first connection that is made. The next address is tried after <see cref="AttemptDelay"/>, or at once when an attempt
    /// has failed. When one has won, the others are cancelled, and what they connect all the same is disposed.
    /// </summary>
    /// <param name="addresses">At least one.</param>
    /// <param name="connect">Fails with a <see cref="SocketException"/> when another address may still be tried.</param>
    /// <exception cref="SocketException">No address could be connected to; it is the last failure.</exception>
    public static async Task<Stream> ConnectAsync(
        IPAddress[] addresses, int port, Func<IPEndPoint, CancellationToken, Task<Stream>> connect, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var waiting = new Queue<IPAddress>(InOrder(addresses));
        var attempts = new List<Task<Stream>>();
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                // For ever when this is the last address: then only its cancellation ends the wait.
                var delay = Task.Delay(waiting.Count > 1 ? AttemptDelay : Timeout.InfiniteTimeSpan, time, race.Token);
                if (waiting.TryDequeue(out var address))
                {
                    attempts.Add(connect(new(address, port), race.Token));
                }

                var ended = await Task.WhenAny([.. attempts, delay]);
                if (ended == delay)
                {
                    await delay;
                    continue;
                }

                var attempt = (Task<Stream>)ended;
                attempts.Remove(attempt);
                try
                {
                    return await attempt;
                }
                catch (SocketException) when (waiting.Count + attempts.Count > 0)
                {
                    // Another one may answer.
                }
            }
        }
        finally
        {
            await race.CancelAsync();
            foreach (var attempt in attempts)
            {
                _ = DisposeAsync(attempt);
            }
        }
    }

    private static async Task DisposeAsync(Task<Stream> attempt)
    {
        try
        {
            await (await attempt).DisposeAsync();
        }
        catch (Exception)
        {
            // It was cancelled or failed: nobody waits for it any more.
        }
    }
}
