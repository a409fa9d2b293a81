using System.ComponentModel;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Reads the event of the task in parts, because payloads can be longer than a prompt.</summary>
internal sealed class ReadEvent(WebhookEvent webhookEvent, Redactor redactor)
{
    public const string Name = "read_event";

    public const string Description = "Reads the payload of the event that this task is about, or a part of it.";

    // The number of characters that one call returns.
    private const int MaxLength = 8_000;

    public string Read(
        [Description(
            "JSON pointer (RFC 6901) to the part, such as /issue/body or /commits/0. Empty for the whole "
                + "payload.")] string? pointer = "",
        [Description("How many characters to skip, from 0.")] int offset = 0)
    {
        var text = EventText.Of(webhookEvent, redactor, Pointer(pointer))
            ?? throw new ToolException($"There is nothing at {pointer}.");
        var length = StorableText.Length(text);
        if (offset < 0 || offset > length)
        {
            throw new ToolException($"offset must be from 0 to {length}.");
        }

        // The text was redacted before it is cut, because half of a credential cannot be recognized.
        var shown = StorableText.Slice(text, offset, MaxLength);
        var next = offset + StorableText.Length(shown);
        return next < length ? $"{shown}\n({length} characters in all; continue at offset {next}.)" : shown;
    }

    private static JsonPointer? Pointer(string? pointer)
    {
        try
        {
            return string.IsNullOrEmpty(pointer) ? null : JsonPointer.Parse(pointer);
        }
        catch (FormatException exception)
        {
            throw new ToolException(exception.Message);
        }
    }
}
