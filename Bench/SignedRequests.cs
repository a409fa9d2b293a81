using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// Requests that differ in delivery id and signature, signed beforehand: of each only the signature is kept, and written into a
/// copy of the one text that all share when it is sent.
/// </summary>
internal sealed class SignedRequests
{
    public const string Source = "bench";
    public const string Path = "/webhooks/" + Source;
    public const string Secret = "a-secret-of-the-measurement";

    private const int SignatureBytes = 32;
    private const int Digits = 10;
    private const string NoNumber = "0000000000";

    private readonly byte[] _text;
    private readonly int[] _numbersAt;
    private readonly int _signatureAt;
    private readonly byte[] _signatures;

    private SignedRequests(string prefix, int count, byte[] text, int[] numbersAt, int signatureAt, byte[] signatures)
    {
        Prefix = prefix;
        Count = count;
        _text = text;
        _numbersAt = numbersAt;
        _signatureAt = signatureAt;
        _signatures = signatures;
    }

    /// <summary>What their delivery ids begin with; the number follows, in ten digits.</summary>
    public string Prefix { get; }

    public int Count { get; }

    /// <summary>Bytes of each.</summary>
    public int Length => _text.Length;

    /// <summary>Signs as many, with scheme <c>provider</c>, for the present time.</summary>
    public static SignedRequests Create(int count, int bodyBytes)
    {
        var prefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)) + "-";
        var timestamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = Body(prefix + NoNumber, bodyBytes);
        var text = Encoding.UTF8.GetBytes($"""
            POST {Path} HTTP/1.1
            Host: 127.0.0.1
            Content-Type: application/json
            X-Webhook-Timestamp: {timestamp}
            X-Event-Id: {prefix}{NoNumber}
            X-Webhook-Signature: {new string('0', SignatureBytes * 2)}
            Content-Length: {body.Length}


            """.ReplaceLineEndings("\r\n") + body);
        var bodyAt = text.Length - body.Length;
        int[] numbersAt =
        [
            text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(NoNumber)), bodyAt + body.IndexOf(NoNumber, StringComparison.Ordinal),
        ];
        var signatureAt = text.AsSpan().IndexOf("Signature: "u8) + "Signature: ".Length;

        var signatures = new byte[(long)count * SignatureBytes];
        var key = Encoding.UTF8.GetBytes(Secret);
        var signed = Encoding.UTF8.GetBytes($"{timestamp}.{body}");
        var numberAt = signed.AsSpan().IndexOf(Encoding.UTF8.GetBytes(NoNumber));
        Parallel.ForEach(Slices(count), slice =>
        {
            var own = signed.ToArray();
            for (var number = slice.From; number < slice.To; number++)
            {
                WriteNumber(own.AsSpan(numberAt), number);
                HMACSHA256.HashData(key, own, signatures.AsSpan(number * SignatureBytes, SignatureBytes));
            }
        });
        return new(prefix, count, text, numbersAt, signatureAt, signatures);
    }

    /// <summary>A body of so many bytes: an event as providers send it.</summary>
    public static string Body(string id, int bytes)
    {
        const string Words = "The customer paid the invoice of last month by card. ";
        var around = $$$"""{"id":"{{{id}}}","type":"invoice.paid","data":{"amount":4200,"currency":"eur","note":""}}""";
        var note = new StringBuilder();
        while (note.Length < bytes - around.Length)
        {
            note.Append(Words);
        }

        note.Length = Math.Max(bytes - around.Length, 0);
        return around.Insert(around.Length - 3, note.ToString());
    }

    /// <summary>The text of the first, to write numbers into.</summary>
    public byte[] NewBuffer() => [.. _text];

    /// <summary>Makes the buffer that request; after the last comes the first again.</summary>
    public void Write(int number, Span<byte> buffer)
    {
        number %= Count;
        foreach (var at in _numbersAt)
        {
            WriteNumber(buffer[at..], number);
        }

        Convert.TryToHexStringLower(_signatures.AsSpan(number * SignatureBytes, SignatureBytes), buffer[_signatureAt..], out _);
    }

    private static void WriteNumber(Span<byte> at, int number)
    {
        for (var digit = Digits - 1; digit >= 0; digit--, number /= 10)
        {
            at[digit] = (byte)('0' + (number % 10));
        }
    }

    private static IEnumerable<(int From, int To)> Slices(int count)
    {
        const int Slice = 4096;
        for (var from = 0; from < count; from += Slice)
        {
            yield return (from, Math.Min(from + Slice, count));
        }
    }
}
