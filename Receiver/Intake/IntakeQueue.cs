using System.Threading.Channels;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>What became of an event at intake.</summary>
public enum IntakeResult
{
    /// <summary>Committed, with the job that processes it.</summary>
    Accepted,

    /// <summary>Its delivery id was committed before.</summary>
    Duplicate,

    /// <summary>Not known to be committed; the sender must try again.</summary>
    Unavailable,
}

/// <summary>A verified event that waits to be committed, and its request for the answer.</summary>
public sealed record IntakeItem(InboundEvent Event)
{
    private readonly TaskCompletionSource<IntakeResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IntakeResult> Result => _result.Task;

    public void Answer(IntakeResult result) => _result.TrySetResult(result);
}

/// <summary>The line between requests and the writer, bounded in events and in bytes.</summary>
public sealed class IntakeQueue(IOptions<IntakeOptions> options)
{
    private readonly Channel<IntakeItem> _line = Channel.CreateBounded<IntakeItem>(
        new BoundedChannelOptions(options.Value.Capacity) { SingleReader = true });

    private long _bytes;

    public ChannelReader<IntakeItem> Reader => _line.Reader;

    /// <summary>Stores the event with whatever else waits, in one commit.</summary>
    /// <returns><see cref="IntakeResult.Unavailable"/> at once when the line is full.</returns>
    public async Task<IntakeResult> StoreAsync(InboundEvent inbound)
    {
        // An event larger than all that may wait is still taken when nothing else waits.
        var before = Interlocked.Add(ref _bytes, inbound.Body.Length) - inbound.Body.Length;
        try
        {
            var item = new IntakeItem(inbound);
            return (before == 0 || before + inbound.Body.Length <= options.Value.CapacityBytes) && _line.Writer.TryWrite(item)
                ? await item.Result
                : IntakeResult.Unavailable;
        }
        finally
        {
            Interlocked.Add(ref _bytes, -inbound.Body.Length);
        }
    }
}
