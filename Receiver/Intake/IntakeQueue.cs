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

/// <summary>The bounded line between requests and the writer.</summary>
public sealed class IntakeQueue(IOptions<IntakeOptions> options)
{
    private readonly Channel<IntakeItem> _line = Channel.CreateBounded<IntakeItem>(
        new BoundedChannelOptions(options.Value.Capacity) { SingleReader = true });

    public ChannelReader<IntakeItem> Reader => _line.Reader;

    /// <summary>Stores the event with whatever else waits, in one commit.</summary>
    /// <returns><see cref="IntakeResult.Unavailable"/> at once when the line is full.</returns>
    public Task<IntakeResult> StoreAsync(InboundEvent inbound)
    {
        var item = new IntakeItem(inbound);
        return _line.Writer.TryWrite(item) ? item.Result : Task.FromResult(IntakeResult.Unavailable);
    }
}
