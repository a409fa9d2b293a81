using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>
/// Sends one POST and returns its result. It does not use IHttpClientFactory, so that no resilience handler can repeat a
/// delivery below the job's own attempt counter.
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
        var handler = guard.CreateHandler(_options.ConnectTimeout);
        if (_options.PropagateTrace)
        {
            handler.ActivityHeadersPropagator = DistributedContextPropagator.CreateW3CPropagator();
        }

        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<AttemptResult> SendAsync(StoredDelivery delivery, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetUtcNow();
        var start = _time.GetTimestamp();
        int? broken = null;
        AttemptResult Ended(AttemptOutcome outcome, int? status, string? error, AnswerStart? answer = null) => new(
            outcome, startedAt, _time.GetElapsedTime(start), status,
            error is null
                ? null
                : AttemptText.OfError(
                    broken is null ? error : $"The endpoint answered {broken}, but not to the end. {error}", Redact),
            answer?.Text(Redact));

        // The endpoint's secrets and headers are not in our configuration, so the common redactor does not know them. This
        // redactor is created once for error and answer, only when there is text, and is not cached, because decrypted values
        // are not kept.
        Redactor? own = null;
        string Redact(string text)
        {
            own ??= new(delivery.Endpoint.Secrets.Concat(delivery.Endpoint.Headers.Values).Select(secret => secret.Reveal()));
            return own.Redact(_redactor.Redact(text));
        }

        if (_guard.Refusal(delivery.Endpoint.Url) is { } refusal)
        {
            return Ended(AttemptOutcome.Refused, null, refusal);
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = DeliveryRequest.Create(delivery, startedAt);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            var retryAfter = RetryAfter.Of(response, _time.GetUtcNow());
            var answer = new AnswerStart(response.Content);
            if (!response.IsSuccessStatusCode)
            {
                await ReadOptionalBodyAsync(response.StatusCode, answer, either.Token);
                var refused = Ended(AttemptOutcome.HttpStatus, status, $"The endpoint answered {status}.", answer);
                return refused with { RetryAfter = retryAfter };
            }

            broken = status;
            await answer.ReadAsync(either.Token);
            return Ended(AttemptOutcome.Delivered, status, null, answer) with { RetryAfter = retryAfter };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Ended(AttemptOutcome.Interrupted, null, "The Sender stopped before the answer arrived.");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Ended(AttemptOutcome.Timeout, null, $"No answer within {_options.Timeout.TotalSeconds} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            var (outcome, error) = Failure(exception);
            return Ended(outcome, null, error);
        }
    }

    public void Dispose() => _client.Dispose();

    private static (AttemptOutcome Outcome, string Error) Failure(Exception exception) => exception switch
    {
        EgressRefusedException => (AttemptOutcome.Refused, exception.Message),
        TimeoutException => (AttemptOutcome.Timeout, exception.Message),
        AuthenticationException => (AttemptOutcome.Tls, exception.GetBaseException().Message),
        { InnerException: { } inner } => Failure(inner),
        _ => (AttemptOutcome.Network, exception.Message),
    };

    // For a status other than success the body is optional: the part that arrives helps the reader of the log.
    private static async Task ReadOptionalBodyAsync(
        HttpStatusCode status, AnswerStart answer, CancellationToken cancellationToken)
    {
        // After 101 the connection carries another protocol and not a body.
        if (status == HttpStatusCode.SwitchingProtocols)
        {
            return;
        }

        try
        {
            await answer.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            // The body ends where reading failed.
        }
    }
}

/// <summary>The start of an answer's body, as far as it was received.</summary>
internal sealed class AnswerStart(HttpContent content)
{
    private readonly byte[] _bytes = new byte[AttemptText.ReadBytes];
    private int _length;

    /// <summary>
    /// Reads until the body ends or the limit is reached. After an exception, the bytes received so far remain.
    /// </summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        int read;
        while (_length < _bytes.Length && (read = await stream.ReadAsync(_bytes.AsMemory(_length), cancellationToken)) > 0)
        {
            _length += read;
        }
    }

    /// <summary>Returns the text for the attempt log; null when nothing was received.</summary>
    public string? Text(Func<string, string> redact) =>
        _length == 0 ? null : AttemptText.OfAnswer(_bytes.AsSpan(0, _length), [.. content.Headers.ContentEncoding], redact);
}
