using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A phone message: the body of a request to a source with <c>Payload: phone-message</c>.</summary>
/// <param name="MessageId">The id of 1 to 255 characters without control characters.</param>
/// <param name="From">The number of the sender in E.164 format, such as <c>+14155552671</c>.</param>
/// <param name="To">The number of the recipient in E.164 format.</param>
/// <param name="Ts">The time of the sender in UTC, to the microsecond; see <see cref="Iso8601"/>.</param>
/// <param name="Text">The text of up to 4096 Unicode code points; null when there is none.</param>
public sealed partial record PhoneMessage(string MessageId, string From, string To, DateTimeOffset Ts, string? Text)
{
    /// <summary>The largest length of a text in Unicode code points, as Python and PostgreSQL count it.</summary>
    public const int MaxTextLength = 4096;

    /// <summary>Reads a body; null when it has errors, which are added to <paramref name="errors"/>.</summary>
    public static PhoneMessage? Read(JsonElement body, FieldErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors.Add("body", "It is no JSON object.");
            return null;
        }

        var messageId = Required(body, "message_id", errors);
        if (messageId is not null && !EventIdentifier.IsValidId(messageId))
        {
            errors.Add("message_id", "It has 1 to 255 characters, none of them a control character.");
        }

        var message = new PhoneMessage(
            messageId ?? "", ReadNumber(body, "from", errors), ReadNumber(body, "to", errors), ReadTime(body, errors),
            ReadText(body, errors));
        return errors.Any ? null : message;
    }

    /// <summary>Whether the text is an E.164 number: a plus sign and 2 to 15 digits, the first not 0.</summary>
    public static bool IsE164(string text) => E164().IsMatch(text);

    /// <summary>Cuts redacted text to the longest that a message can have. Redaction can make text longer.</summary>
    public static string Cut(string text) => StorableText.CodePoints(text, MaxTextLength);

    /// <summary>Returns the row that is stored with the event of the message.</summary>
    public InboxMessage ToRow(Guid eventId, DateTimeOffset receivedAt) => new()
    {
        EventId = eventId, MessageId = MessageId, FromMsisdn = From, ToMsisdn = To, Ts = Ts, Text = Text, CreatedAt = receivedAt,
    };

    private static string ReadNumber(JsonElement body, string field, FieldErrors errors)
    {
        var text = Required(body, field, errors);
        if (text is not null && !IsE164(text))
        {
            errors.Add(field, "It is no E.164 number, such as +14155552671.");
        }

        return text ?? "";
    }

    private static DateTimeOffset ReadTime(JsonElement body, FieldErrors errors)
    {
        if (Required(body, "ts", errors) is not { } text)
        {
            return default;
        }

        // The database driver stores the smallest time as minus infinity.
        if (Iso8601.Parse(text) is { } time && time > DateTimeOffset.MinValue)
        {
            return time;
        }

        errors.Add("ts", "It is no ISO 8601 timestamp with a zone, such as 2025-12-07T10:30:00Z.");
        return default;
    }

    private static string? ReadText(JsonElement body, FieldErrors errors)
    {
        if (PayloadJson.Property(body, "text") is not { ValueKind: not JsonValueKind.Null } property)
        {
            return null;
        }

        if (PayloadJson.Text(property) is not { } text)
        {
            errors.Add("text", "It is no text.");
            return null;
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add("text", "It holds a NUL character.");
        }

        if (StorableText.IsLonger(text, MaxTextLength))
        {
            errors.Add("text", $"It has more than {MaxTextLength} characters.");
        }

        return text;
    }

    private static string? Required(JsonElement body, string field, FieldErrors errors)
    {
        var property = PayloadJson.Property(body, field);
        if (property is { } there && PayloadJson.Text(there) is { } text)
        {
            return text;
        }

        errors.Add(field, property is null ? "It is missing." : "It is no text.");
        return null;
    }

    // \z instead of $, which allows a line break at the end, and [0-9] instead of \d, which matches the digits of all scripts.
    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}\z", RegexOptions.NonBacktracking)]
    private static partial Regex E164();
}
