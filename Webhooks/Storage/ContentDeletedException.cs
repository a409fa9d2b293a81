namespace Aspire.Webhooks.Storage;

/// <summary>The content that was asked for has been deleted; the row that it belonged to is still there.</summary>
/// <param name="of">What it was the content of, such as <c>event 0198…</c>.</param>
public sealed class ContentDeletedException(string of) : Exception($"The content of {of} {Why}")
{
    /// <summary>The end of a sentence that begins with what the content belonged to.</summary>
    public const string Why = "was deleted: its retention has ended, or it was erased.";
}
