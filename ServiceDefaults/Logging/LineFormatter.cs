using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Writes log entries as redacted lines of UTF-8.</summary>
public abstract class LineFormatter
{
    /// <summary>Appends the lines of an entry, each with the newline that ends it. The entry's scopes are left out.</summary>
    public abstract void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> line);
}
