using System.Buffers;
using System.IO.Pipelines;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// Reads the messages of a client, one in each line, with U+FFFD in place of lone surrogates (<see cref="WellFormedJson"/>). The
/// protocol's library throws on them before a tool is called.
/// </summary>
internal sealed class WellFormedInput(Stream input) : Stream
{
    private readonly PipeReader _reader = PipeReader.Create(input);
    private ReadOnlyMemory<byte> _line;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_line.IsEmpty)
        {
            // A read of standard input cannot be cancelled.
            var read = await _reader.ReadAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
            var end = read.Buffer.PositionOf((byte)'\n');
            if (end is null && !read.IsCompleted)
            {
                _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var line = end is { } at ? read.Buffer.Slice(0, read.Buffer.GetPosition(1, at)) : read.Buffer;
            _line = WellFormedJson.Of(line.ToArray());
            _reader.AdvanceTo(line.End);
            if (_line.IsEmpty)
            {
                return 0;
            }
        }

        var count = Math.Min(buffer.Length, _line.Length);
        _line[..count].CopyTo(buffer);
        _line = _line[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
