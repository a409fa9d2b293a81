using System.Security.Authentication;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Redaction;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// POSTs once and says how it ended. Its client is made here and not by IHttpClientFactory: no resilience handler may
/// repeat a delivery beneath the job's own attempt counter.
/// </summary>
public sealed class DeliveryClient : IDisposable
{
    private readonly EgressGuard _guard;
    private readonly Redactor _redactor;
    private readonly TimeProvider _time;
    private readonly DeliveryOptions _options;
    private readonly HttpClient _client;

    public DeliveryClient(EgressGuard guard, Redactor redactor, IOptions<DeliveryOptions> options, TimeProvider time)
    {
        _guard = guard;
        _redactor = redactor;
        _time = time;
        _options = options.Value;
        _client = new HttpClient(guard.CreateHandler(_options.ConnectTimeout)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<AttemptResult> SendAsync(StoredDelivery delivery, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetUtcNow();
        var start = _time.GetTimestamp();
        AttemptResult Ended(AttemptOutcome outcome, int? status, string? error, byte[]? answer) => new(
            outcome, startedAt, _time.GetElapsedTime(start), status,
            error is null ? null : AttemptText.OfError(error, Redact), answer is null ? null : AttemptText.OfAnswer(answer, Redact));

        // What the endpoint is trusted with is not in our configuration, which is all that the redactor knows.
        string Redact(string text) => new Redactor(
            [.. delivery.Endpoint.Secrets.Concat(delivery.Endpoint.Headers.Values).Select(secret => secret.Reveal())]).Redact(_redactor.Redact(text));

        if (_guard.Refusal(delivery.Endpoint.Url) is { } refusal)
        {
            return Ended(AttemptOutcome.Refused, null, refusal, null);
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = DeliveryRequest.Create(delivery, startedAt);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var answer = await ReadStartAsync(response.Content, either.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode
                ? Ended(AttemptOutcome.Delivered, status, null, answer)
                : Ended(AttemptOutcome.HttpStatus, status, $"The endpoint answered {status}.", answer);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Ended(AttemptOutcome.Interrupted, null, "The sender stopped before the answer was there.", null);
        }
        catch (OperationCanceledException)
        {
            return Ended(AttemptOutcome.Timeout, null, timeout.IsCancellationRequested
                ? $"No answer within {_options.Timeout.TotalSeconds} s."
                : $"No connection within {_options.ConnectTimeout.TotalSeconds} s.", null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return Ended(OutcomeOf(exception), null, exception.GetBaseException().Message, null);
        }
    }

    public void Dispose() => _client.Dispose();

    private static AttemptOutcome OutcomeOf(Exception? exception) => exception switch
    {
        null => AttemptOutcome.Network,
        EgressRefusedException => AttemptOutcome.Refused,
        AuthenticationException => AttemptOutcome.Tls,
        TimeoutException or OperationCanceledException => AttemptOutcome.Timeout,
        _ => OutcomeOf(exception.InnerException),
    };

    private static async Task<byte[]> ReadStartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[AttemptText.ReadBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }
}
