using System.Net;
using System.Net.Sockets;

namespace Aspire.Webhooks.Egress;

/// <summary>
/// Connects to the first address of a name that answers. Attempts start shortly one after another and run in parallel (RFC
/// 8305).
/// </summary>
internal static class HappyEyeballs
{
    /// <summary>
    /// The delay before the next attempt starts in parallel: the Connection Attempt Delay of RFC 8305, section 8.
    /// </summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Returns the addresses in the order of the attempts. The families alternate, starting with that of the first address.
    /// Within a family the resolver's order is kept (RFC 8305, section 4, with a First Address Family Count of 1).
    /// </summary>
    public static IPAddress[] InOrder(IEnumerable<IPAddress> addresses) =>
    [
        .. addresses.GroupBy(address => address.AddressFamily)
            .SelectMany(family => family.Select((address, turn) => (address, turn)))
            .OrderBy(entry => entry.turn)
            .Select(entry => entry.address),
    ];

    /// <summary>
    /// Returns the first connection that succeeds. The next attempt starts after <see cref="AttemptDelay"/>, or at once when an
    /// attempt has failed. When one succeeds, the others are cancelled, and connections that they still make are disposed.
    /// </summary>
    /// <param name="addresses">The addresses, at least one.</param>
    /// <param name="connect">Connects to an address. A <see cref="SocketException"/> means that the next address is
    /// tried.</param>
    /// <exception cref="SocketException">No address could be connected to. The exception is that of the last
    /// attempt.</exception>
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
                // With the last address the delay never ends; only its cancellation does.
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
                    // Another address may answer.
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
            // The attempt was cancelled or failed, and its result is no longer needed.
        }
    }
}
