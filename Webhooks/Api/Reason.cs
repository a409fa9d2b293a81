using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Api;

/// <summary>Why somebody did something, in their words: 1 to 500 characters.</summary>
public static class Reason
{
    // Columns of the tables have this limit too.
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
    /// As it is stored. Whoever writes why may quote an error, and with it a credential. What is put in its place can be longer.
    /// </summary>
    public static string Storable(string reason, Redactor redactor) =>
        StorableText.Chars(StorableText.Redacted(reason, redactor.Redact), MaxLength);
}
