using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>One walk through a JSON document.</summary>
/// <param name="clean">Whether strings without escapes need no look.</param>
internal ref struct JsonRedaction(ReadOnlySpan<byte> utf8, Utf8JsonReader reader, bool clean, Redactor redactor)
{
    private static readonly byte[] Replacement = Encoding.UTF8.GetBytes($"\"{Redactor.Replacement}\"");

    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private Utf8JsonReader _reader = reader;
    private ArrayBufferWriter<byte>? _written;
    private int _done;

    // The field that the value is of; in a list, the list's. Decoded only when it is asked for: few values are looked at.
    private ReadOnlySpan<byte> _field;

    // What the object is a value of, or what a field of it says that its "value" is of.
    private ReadOnlySpan<byte> _owner;

    /// <summary>Returns the document without credentials, null when it had none.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public ArrayBufferWriter<byte>? Run()
    {
        while (_reader.Read())
        {
            var isLookedAt = !clean || _reader.ValueIsEscaped || IsValue;
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    _owner = _field;
                    _field = default;
                    break;
                case JsonTokenType.EndObject:
                    _owner = _field = default;
                    break;
                case JsonTokenType.PropertyName:
                    _field = isLookedAt ? RedactName(nameOfValue: "") : _reader.ValueSpan;
                    break;
                case JsonTokenType.String when _field.SequenceEqual("name"u8) || _field.SequenceEqual("key"u8)
                    || _field.SequenceEqual("header"u8):
                    _owner = isLookedAt ? RedactName(NameOfValue) : _reader.ValueSpan;
                    break;
                case JsonTokenType.String when isLookedAt && MayChange():
                    RedactString(NameOfValue);
                    break;
                case JsonTokenType.Number when isLookedAt:
                    RedactNumber();
                    break;
            }
        }

        RedactRest();
        return _written;
    }

    // {"token":{"value":"x"}} and {"name":"DB_PASSWORD","value":"x"}
    private readonly bool IsValue => _field.SequenceEqual("value"u8);

    private readonly ReadOnlySpan<byte> NameOfValueUtf8 => IsValue ? _owner : _field;

    private readonly string NameOfValue => Encoding.UTF8.GetString(NameOfValueUtf8);

    // Tells without making strings: most are left as they are.
    private readonly bool MayChange()
    {
        var name = NameOfValueUtf8;
        var rented = ArrayPool<char>.Shared.Rent(name.Length + _reader.ValueSpan.Length);
        try
        {
            var split = Encoding.UTF8.GetChars(name, rented);
            var end = split + _reader.CopyString(rented.AsSpan(split));
            return redactor.MayChange(rented.AsSpan(0, split), rented.AsSpan(split..end));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return true;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    // Returns what it says: as it was where that names a credential, else as it is now.
    private ReadOnlySpan<byte> RedactName(string nameOfValue)
    {
        var (text, redacted) = RedactString(nameOfValue);
        return Encoding.UTF8.GetBytes(CredentialName.Is(text) ? text : redacted);
    }

    // Returns what it said and what it says now; nothing where that is no text.
    private (string Text, string Redacted) RedactString(string name)
    {
        string text;
        try
        {
            text = _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate must not hide what stands around it.
            text = WellFormedJson.Text(_reader.ValueSpan);
        }

        var redacted = text.Length == 0 ? text : redactor.Redact(name, text);
        if (!string.Equals(redacted, text, StringComparison.Ordinal))
        {
            Replace(Quoted(redacted));
        }

        return (text, redacted);
    }

    private void RedactNumber()
    {
        var text = Encoding.ASCII.GetString(_reader.ValueSpan);
        if (!ReferenceEquals(redactor.Redact(NameOfValue, text), text))
        {
            Replace(Replacement);
        }
    }

    // Where the document was cut off there is half a string. Behind a credential it may be another of a list.
    private void RedactRest()
    {
        var start = (int)_reader.BytesConsumed;
        var rest = Encoding.UTF8.GetString(_utf8[start..]);
        var mark = rest.TrimStart(" \t\r\n:,").StartsWith('"') ? rest.IndexOf('"', StringComparison.Ordinal) + 1 : rest.Length;
        var isValue = _reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.StartArray or JsonTokenType.String;
        var redacted = isValue && mark < rest.Length && CredentialName.Is(NameOfValue)
            ? rest[..mark] + Redactor.Replacement
            : redactor.TakeOut(rest);
        if (!string.Equals(redacted, rest, StringComparison.Ordinal))
        {
            Write(start, _utf8.Length, Encoding.UTF8.GetBytes(redacted));
        }

        _written?.Write(_utf8[_done..]);
    }

    private void Replace(ReadOnlySpan<byte> json)
    {
        var start = (int)_reader.TokenStartIndex;
        // A string's span is without its quotes.
        Write(start, start + _reader.ValueSpan.Length + (_reader.TokenType == JsonTokenType.Number ? 0 : 2), json);
    }

    private void Write(int start, int end, ReadOnlySpan<byte> json)
    {
        _written ??= new ArrayBufferWriter<byte>(_utf8.Length);
        _written.Write(_utf8[_done..start]);
        _written.Write(json);
        _done = end;
    }

    private static byte[] Quoted(string text) =>
        Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"");
}
