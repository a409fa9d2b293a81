using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Adapts the answers of a server for OpenAI's client: it normalizes completions, and throws an exception with the error message
/// of the server.
/// </summary>
internal sealed class CompletionHandler(OpenAIOptions options, Redactor redactor, TimeProvider time) : DelegatingHandler
{
    // The longest answer that can be requested has 200,000 tokens, about 1 MiB, in addition to reasoning and escapes.
    private const int MaxBody = 8 * 1024 * 1024;

    // The number of characters of an error message that are kept.
    private const int MaxMessage = 1_000;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await base.SendAsync(request, cancellationToken);
        var body = await BodyAsync(response, cancellationToken);
        if (!response.IsSuccessStatusCode || CompletionBody.Normalize(body) is not { } completion)
        {
            throw Failure(response, body);
        }

        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(completion) { Headers = { ContentType = new(MediaTypeNames.Application.Json) } },
        };
    }

    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBody, cancellationToken);
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (HttpRequestException) when (!response.IsSuccessStatusCode)
        {
            // The status suffices to decide about a retry.
            return [];
        }
    }

    private ModelServerException Failure(HttpResponseMessage response, byte[] body)
    {
        var (message, code) = CompletionBody.Error(body);
        var status = (int)response.StatusCode;
        var answered = $"The model's server answered {status}{(response.IsSuccessStatusCode ? " without a completion" : "")}";
        var shown = StorableText.CodePoints(StorableText.Redacted(message.Trim(), redactor.Redact), MaxMessage);
        return new ModelServerException(
            shown.Length > 0 ? $"{answered}: {shown}" : $"{answered}.",
            response.IsSuccessStatusCode ? code ?? status : status,
            RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait > options.MaxRetryAfter ? options.MaxRetryAfter : wait;
    }
}
