namespace Aspire.Webhooks.Storage;

/// <summary>The content of a row was deleted. The row is still there.</summary>
/// <param name="of">The row, such as <c>event 0198…</c>.</param>
public sealed class ContentDeletedException(string of) : Exception($"The content of {of} {Why}")
{
    /// <summary>The end of a sentence whose subject is the content.</summary>
    public const string Why = "was deleted: its retention has ended, or it was erased.";
}
