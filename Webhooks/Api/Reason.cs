using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>The reason that a caller gives for an operation: 1 to 500 characters.</summary>
public static class Reason
{
    // The columns of the tables have the same limit.
    public const int MaxLength = 500;

    public static string Read(string? reason, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            errors.Add("reason", "reason says why, for whoever looks at it later.");
            return "";
        }

        return errors.Text("reason", reason, MaxLength) ?? "";
    }

    /// <summary>
    /// Returns the reason as it is stored. It is redacted because it may quote an error that contains a credential, and cut
    /// because a replacement can be longer than the text that it replaces.
    /// </summary>
    public static string Storable(string reason, Redactor redactor) =>
        StorableText.CodePoints(StorableText.Redacted(reason, redactor.Redact), MaxLength);
}
