using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Http.Extensions;

namespace Aspire.Webhooks.Cli;

/// <summary>Verifies requests and prints each with its result, the fields that the scheme reads, and its body.</summary>
internal sealed class PrintedRequests
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const int MaxInflatedBytes = 32 * 1024 * 1024;

    private readonly SignatureScheme _scheme;
    private readonly IReadOnlyList<Secret> _secrets;
    private readonly IReadOnlyList<SigningKey> _keys;
    private readonly TimeProvider _time;
    private int _requests;

    /// <param name="secrets">The secrets, each of which may have signed.</param>
    /// <exception cref="FormatException">A secret does not fit the scheme.</exception>
    public PrintedRequests(SignatureScheme scheme, IReadOnlyList<Secret> secrets, TimeProvider time)
    {
        _scheme = scheme;
        _secrets = secrets;
        _keys = [.. secrets.Select(secret => SigningKey.Parse(secret, scheme.KeyEncoding))];
        _time = time;
    }

    /// <returns>The status with which the Receiver would refuse the request; null when it would accept it.</returns>
    public async Task<int?> PrintAsync(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        var body = buffer.ToArray();
        var verification = SignatureVerifier.Verify(
            _scheme, _keys, new(request.Headers, body, request.GetEncodedUrl()), _time.GetUtcNow());

        var plain = Decoded(request, body);
        var format = BodyFormat.Of(request.ContentType, verification.Scheme.BodyFormats);
        using var json = format is { } known ? PayloadParser.TryParse(known, plain) : null;
        var refusal = Refusal(request.Headers, verification, format, plain, json);

        // The text is written at once, so that concurrent requests do not mix their lines.
        await Console.Out.WriteLineAsync(Shown(Text(request, verification, plain, json, refusal)));
        return refusal?.Status;
    }

    // Signatures cover the encoded body.
    private static byte[] Decoded(HttpRequest request, byte[] body) => request.Headers.ContentEncoding is [{ } coding]
        && ContentCoding.TryInflate(coding, body, MaxInflatedBytes, out var plain) == InflateResult.Done ? plain! : body;

    // As the Receiver decides, in its order.
    private static (int Status, string Why)? Refusal(
        IHeaderDictionary headers, Verification verification, BodyFormats? format, byte[] body, JsonDocument? json)
    {
        var scheme = verification.Scheme;
        if (verification.Result != VerificationResult.Valid)
        {
            var status = verification.Result == VerificationResult.MissingId
                ? StatusCodes.Status400BadRequest
                : StatusCodes.Status401Unauthorized;
            return (status, Why(verification.Result, scheme));
        }

        if (format is null)
        {
            return (StatusCodes.Status415UnsupportedMediaType, "The scheme does not accept the Content-Type.");
        }

        if (json is null)
        {
            return (StatusCodes.Status400BadRequest, PayloadParser.Error(format.Value, body));
        }

        return scheme.DeliveryId.Find(headers, json.RootElement, () => "digest") is { } id && EventIdentifier.IsValidId(id)
            && scheme.EventType.Find(headers, json.RootElement) is { } type && EventIdentifier.IsValid(type)
            ? null
            : (StatusCodes.Status400BadRequest,
                $"The delivery id at {scheme.DeliveryId} or the type at {scheme.EventType} is missing or invalid.");
    }

    private string Text(
        HttpRequest request, Verification verification, byte[] body, JsonDocument? json, (int Status, string Why)? refusal)
    {
        var scheme = verification.Scheme;
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"#{Interlocked.Increment(ref _requests)} ")
            .Append(Verdict(verification.Result, refusal))
            .AppendLine(CultureInfo.InvariantCulture, $": {request.Method} {request.GetEncodedPathAndQuery()}");
        Line("id", scheme.DeliveryId.Find(request.Headers, json?.RootElement));
        Line("timestamp", verification.Timestamp is { } seconds ? $"{seconds}{Moment(seconds)}" : null);
        Line("type", scheme.EventType.Find(request.Headers, json?.RootElement));
        foreach (var name in scheme.Headers.Concat(["Content-Type", "User-Agent", "traceparent"]))
        {
            Line(name, request.Headers[name]);
        }

        return text.AppendLine(Body(request.ContentType, body)).ToString();

        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {name}: {value}");
            }
        }
    }

    private static string Verdict(VerificationResult result, (int Status, string Why)? refusal) => (result, refusal) switch
    {
        (VerificationResult.Valid, null) => "verified",
        (VerificationResult.Valid, var (status, why)) => $"verified, but the Receiver would answer {status} ({why})",
        (VerificationResult.MissingId, var (_, why)) => $"NOT ACCEPTED ({why})",
        (_, var (_, why)) => $"NOT VERIFIED ({why})",
        _ => throw new UnreachableException(),
    };

    private static string Why(VerificationResult result, SignatureScheme scheme) => result switch
    {
        VerificationResult.MissingHeader => $"a header is missing: {string.Join(", ", scheme.Headers)}",
        VerificationResult.MissingTimestamp => "the timestamp is missing",
        VerificationResult.MissingId => $"the signature is right, and {scheme.IdHeader} is missing",
        VerificationResult.InvalidTimestamp => "the timestamp is not a number of seconds",
        VerificationResult.StaleTimestamp => "the timestamp is too far from now",
        _ => "no signature is that of a secret in use over these bytes",
    };

    private static string Moment(string seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? $" ({DateTimeOffset.FromUnixTimeSeconds(number):yyyy-MM-ddTHH:mm:ssZ})"
            : "";

    private static string Body(string? contentType, byte[] body)
    {
        if (body.Length == 0)
        {
            return "(no body)";
        }

        using var json = BodyFormat.Of(contentType) == BodyFormats.Json ? PayloadParser.TryParse(BodyFormats.Json, body) : null;
        if (json is not null)
        {
            return JsonSerializer.Serialize(json, Indented);
        }

        return Utf8.IsValid(body) ? Encoding.UTF8.GetString(body) : $"({body.Length} bytes that are not text)";
    }

    // Terminals interpret control characters, so they are replaced; and secrets that a request quotes are redacted.
    private string Shown(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret.Reveal(), secret.ToString(), StringComparison.Ordinal);
        }

        return string.Create(text.Length, text, (characters, from) =>
        {
            for (var at = 0; at < from.Length; at++)
            {
                var isLineEnd = from[at] == '\n' || (from[at] == '\r' && at + 1 < from.Length && from[at + 1] == '\n');
                characters[at] = char.IsControl(from[at]) && !isLineEnd && from[at] != '\t' ? '\uFFFD' : from[at];
            }
        });
    }
}
