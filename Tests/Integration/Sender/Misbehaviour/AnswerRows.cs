using System.IO.Compression;
using System.Text;
using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>Servers that answer at once, one way or another.</summary>
internal static class AnswerRows
{
    private const AttemptOutcome Delivered = AttemptOutcome.Delivered;
    private const AttemptOutcome HttpStatus = AttemptOutcome.HttpStatus;
    private const AttemptOutcome Network = AttemptOutcome.Network;

    public static readonly Row[] All =
    [
        Row("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nold, but well", Delivered, 200, null, "old, but well"),
        Row("100 before the answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Delivered,
            200, null, "ok"),
        Row("103 before the answer", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
            HttpStatus, 500),
        Row("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u0081\u0005hello",
            HttpStatus, 101),
        Row("204", "HTTP/1.1 204 No Content\r\n\r\n", Delivered, 204, null),
        Row("a status of its own", "HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n", HttpStatus, 999),
        Row("410", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", HttpStatus, 410, null),
        .. ((int[])[300, 301, 302, 303, 304, 305, 307, 308]).Select(status => Row(
            $"{status}", $"HTTP/1.1 {status} Elsewhere\r\nLocation: https://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", HttpStatus,
            status)),
        RetryAfter(429, "120", 120, next: 120),
        RetryAfter(503, "30", 30, next: 30),
        RetryAfter(429, "0", 0, next: 1),
        RetryAfter(429, "-5", null, next: 1),
        RetryAfter(429, "7200", 7200, next: 3600),
        RetryAfter(429, "99999999999999999999999", 365 * 86_400, next: 3600),
        RetryAfter(429, "soon", null, next: 1),
        RetryAfter(429, "1.5", null, next: 1),
        RetryAfter(429, "", null, next: 1),
        RetryAfter(429, "60\r\nRetry-After: 90", null, next: 1),
        RetryAfter(500, "120", 120, next: 1),
        RetryAfter(429, "R+90", 90, next: 90),
        RetryAfter(503, "R+7200", 7200, next: 3600),
        RetryAfter(429, "R-90", 0, next: 1),
        RetryAfter(503, "Friday, 01-Jan-27 00:01:30 GMT", 90, next: 90),
        RetryAfter(503, "Fri Jan  1 00:01:30 2027", 90, next: 90),
        RetryAfter(429, "Fri, 31 Dec 9999 23:59:59 GMT", 365 * 86_400, next: 3600),
        Row("a body without end", new Func<Wire, Task>(async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 200 OK\r\n\r\n");
            await wire.SayWithoutEndAsync(Encoding.ASCII.GetBytes(new string('a', 16 * 1024)));
        }), Delivered, 200, null, new string('a', 4096)),
        Row("a gzip bomb", Bomb(), Delivered, 200, null, "(gzip, 8192 bytes read)"),
        Row("a small gzip", Compressed("gzip", 100), HttpStatus, 500, 1, $"(gzip, {Gzip(100).Length} bytes read)"),
        Row("two codings", Compressed("gzip, identity, br", 100), HttpStatus, 500, 1,
            $"(gzip, br, {Gzip(100).Length} bytes read)"),
        Row("a picture", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n\u0089PNG\r\n\u001a\n\0\0\0\r", Delivered, 200, null,
            "(binary, 12 bytes read)"),
        Row("a Content-Length that is too long", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
            Network) with { Error = "The endpoint answered 200, but not to the end." },
        Row("a Content-Length that is too long, of a 500", "HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nshort", HttpStatus, 500,
            1, "short"),
        Row("a Content-Length that is too short", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", Delivered, 200, null,
            "ok"),
        Row("a Content-Length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: few\r\nConnection: close\r\n\r\nok",
            Delivered, 200, null, "ok"),
        Row("chunks that are none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Network),
        Row("a chunk of 2^60 bytes", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000000000000000\r\nok", Network),
        Row("chunks without the last", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", Network),
        Row("another protocol", "SSH-2.0-OpenSSH_9.6\r\n", Network),
        Row("no protocol at all", "\0\u0001\u0002\u0003\r\n\r\n", Network),
        Row("an HTTP/2 preface", "\0\0\u0012\u0004\0\0\0\0\0\0\u0003\0\0\0d\0\u0004\0\0\u00ff\u00ff\0\u0005\0\0@\0", Network),
        Row("100 KiB of headers",
            $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Range(0, 1024).Select(at => $"X-{at:0000}: {new string('y', 90)}\r\n"))}\r\n", Network),
        Row("one header of 100 KiB", $"HTTP/1.1 200 OK\r\nX: {new string('y', 100 * 1024)}\r\n\r\n", Network),
    ];

    public static DateTimeOffset Start => new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static Row Row(
        string name, string answer, AttemptOutcome outcome, int? status = null, int? next = 1, string? body = null) =>
        Row(name, Encoding.Latin1.GetBytes(answer), outcome, status, next, body);

    private static Row Row(
        string name, byte[] answer, AttemptOutcome outcome, int? status = null, int? next = 1, string? body = null) => Row(
            name, async wire =>
    {
        await wire.RequestAsync();
        await wire.SayAsync(answer);
    }, outcome, status, next, body);

    private static Row Row(string name, Func<Wire, Task> script, AttemptOutcome outcome, int? status, int? next, string? body) =>
        new(name, script, outcome, status, 0, next, body);

    // R+90 is the date in 90 s, as RFC 9110 prefers to write it.
    private static Row RetryAfter(int status, string value, int? seconds, int next)
    {
        var text = value.StartsWith('R') ? Start.AddSeconds(int.Parse(value[1..])).ToString("R") : value;
        return Row(
            $"{status} with Retry-After: {value}", $"HTTP/1.1 {status} Later\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n",
            HttpStatus, status, next) with
        {
            RetryAfter = seconds is { } known ? TimeSpan.FromSeconds(known) : null,
        };
    }

    private static byte[] Bomb()
    {
        var compressed = Gzip(64 * 1024 * 1024);
        return [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {compressed.Length}\r\n\r\n"), .. compressed];
    }

    private static byte[] Compressed(string codings, int length)
    {
        var compressed = Gzip(length);
        return [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 500 No\r\nContent-Encoding: {codings}\r\nContent-Length: {compressed.Length}\r\n\r\n"), .. compressed];
    }

    private static byte[] Gzip(int length)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(new byte[length]);
        }

        return bytes.ToArray();
    }
}
