using System.Text;
using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Tests.Integration.Sender.Misbehaviour;

/// <summary>Servers that take their time, hang up, or cannot shake hands.</summary>
internal static class TimeRows
{
    private const string NoAnswer = "No answer within 30 s.";

    public static readonly Row[] All =
    [
        new("never shakes hands", async wire =>
        {
            await wire.HelloAsync();
            await wire.PassAsync(5);
        }, AttemptOutcome.Timeout, Seconds: 5) { Certificate = Certificate.None, Error = "No connection within 5 s." },
        new("never answers", async wire =>
        {
            await wire.RequestAsync();
            await wire.PassAsync(30);
        }, AttemptOutcome.Timeout, Seconds: 30) { Error = NoAnswer },
        new("slow headers, a byte each second", async wire =>
        {
            await wire.RequestAsync();
            await wire.DripAsync(30, second => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"[second - 1].ToString());
        }, AttemptOutcome.Timeout, Seconds: 30) { Error = NoAnswer },
        new("headers without end", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 200 OK\r\n");
            await wire.DripAsync(30, second => $"X-{second}: y\r\n");
        }, AttemptOutcome.Timeout, Seconds: 30) { Error = NoAnswer },
        new("early hints without end", async wire =>
        {
            await wire.RequestAsync();
            await wire.DripAsync(30, _ => "HTTP/1.1 103 Early Hints\r\n\r\n");
        }, AttemptOutcome.Timeout, Seconds: 30) { Error = NoAnswer },
        new("a flood of early hints", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayWithoutEndAsync(
                Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100))));
        }, AttemptOutcome.Network),
        new("a slow body of a 200", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
            await wire.DripAsync(30, _ => "a");
        }, AttemptOutcome.Timeout, Seconds: 30) { Error = $"The endpoint answered 200, but not to the end. {NoAnswer}" },
        new("a slow body of a 503", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 503 Busy\r\nRetry-After: 40\r\nContent-Length: 100\r\n\r\n");
            await wire.DripAsync(30, _ => "a");
        }, AttemptOutcome.HttpStatus, 503, Seconds: 30, Next: 40,
            Body: new string('a', 30)) { RetryAfter = TimeSpan.FromSeconds(40) },
        new("a reset before the answer", async wire =>
        {
            await wire.RequestAsync();
            wire.Reset();
        }, AttemptOutcome.Network),
        new("a reset within the headers", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 200 OK\r\nContent-");
            await wire.PassAsync(2);
            wire.Reset();
        }, AttemptOutcome.Network, Seconds: 2),
        new("a reset within the body", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            await wire.PassAsync(3);
            wire.Reset();
        }, AttemptOutcome.Network, Seconds: 3) { Error = "The endpoint answered 200, but not to the end. " },
        new("a reset within the body of a 500", async wire =>
        {
            await wire.RequestAsync();
            await wire.SayAsync("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf");
            await wire.PassAsync(3);
            wire.Reset();
        }, AttemptOutcome.HttpStatus, 500, Seconds: 3, Body: "half"),
        new("no answer, but an orderly end of TLS", async wire =>
        {
            await wire.RequestAsync();
            await ((System.Net.Security.SslStream)wire.Stream).ShutdownAsync();
        }, AttemptOutcome.Network),
        new("no answer, but an end of the connection", wire => wire.RequestAsync(), AttemptOutcome.Network),
        new("an end within the handshake", wire => wire.HelloAsync(), AttemptOutcome.Tls) { Certificate = Certificate.None },
        new("a reset within the handshake", async wire =>
        {
            await wire.HelloAsync();
            wire.Reset();
        }, AttemptOutcome.Tls) { Certificate = Certificate.None },
        new("plain HTTP in place of a handshake", async wire =>
        {
            await wire.HelloAsync();
            await wire.SayAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }, AttemptOutcome.Tls) { Certificate = Certificate.None },
        new("a certificate of another name", wire => wire.NothingAsync(),
            AttemptOutcome.Tls) { Certificate = Certificate.OfAnotherName, Error = "RemoteCertificateNameMismatch" },
        new("an expired certificate", wire => wire.NothingAsync(), AttemptOutcome.Tls) { Certificate = Certificate.Expired,
            Error = "NotTimeValid" },
        new("a certificate of an unknown authority", wire => wire.NothingAsync(),
            AttemptOutcome.Tls) { Certificate = Certificate.OfAnUnknownAuthority },
    ];
}
