using System.Security.Cryptography;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Storage;

/// <summary>The rules for delivery ids and types of events: which are valid, and what is stored of them.</summary>
public static class EventIdentifier
{
    /// <summary>The longest id or type, in code points.</summary>
    public const int MaxLength = 255;

    private const char Replaced = '\uFFFD';

    /// <summary>
    /// Whether an id or type is valid: 1 to 255 characters without control characters, because Postgres refuses NUL, and line
    /// breaks would forge log lines.
    /// </summary>
    public static bool IsValid(string value) => StorableText.IsLine(value, MaxLength);

    /// <summary>
    /// Whether a delivery id is valid. Ids that differ in a lone surrogate alone would all become the same id, so that one event
    /// would hide the others.
    /// </summary>
    public static bool IsValidId(string id) => IsValid(id) && !id.Contains(Replaced, StringComparison.Ordinal);

    /// <summary>
    /// Returns the type that is stored. One that only sounds like a credential (<c>password:reset</c>) stays: playbooks,
    /// listeners and filters compare it. Redaction can make it longer, so it is cut.
    /// </summary>
    public static string StoredType(string type, Redactor redactor) =>
        StorableText.CodePoints(redactor.RedactKnown(type), MaxLength);

    /// <summary>
    /// Returns the delivery id that is stored: the hash of one that holds a credential, and any other as it is.
    /// </summary>
    public static string StoredId(string id, Redactor redactor) =>
        ReferenceEquals(redactor.RedactKnown(id), id) ? id : Hash(id);

    /// <summary>
    /// Returns the hash that is stored in the place of a delivery id that holds a credential. Ids that differ only in the
    /// credential remain different, and an id is found by what was sent.
    /// </summary>
    public static string Hash(string id) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
}
