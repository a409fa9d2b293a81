using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Stands between OpenAI's client and a server: hands on completions as the client can read them, and throws a server's error in
/// its own words.
/// </summary>
internal sealed class CompletionHandler(OpenAIOptions options, Redactor redactor, TimeProvider time) : DelegatingHandler
{
    // The longest answer that can be asked for, 200,000 tokens, has about 1 MiB; reasoning and escapes come on top.
    private const int MaxBody = 8 * 1024 * 1024;

    /// <summary>How much of a server's words is kept, in characters.</summary>
    private const int MaxWords = 1_000;

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
            // The status says that it failed, and whether it can be tried again.
            return [];
        }
    }

    private ModelServerException Failure(HttpResponseMessage response, byte[] body)
    {
        var (words, code) = CompletionBody.Error(body);
        var status = (int)response.StatusCode;
        var answered = $"The model's server answered {status}{(response.IsSuccessStatusCode ? " without a completion" : "")}";
        var said = StorableText.CodePoints(StorableText.Redacted(words.Trim(), redactor.Redact), MaxWords);
        return new ModelServerException(
            said.Length > 0 ? $"{answered}: {said}" : $"{answered}.",
            response.IsSuccessStatusCode ? code ?? status : status,
            RetryAfter(response.Headers.RetryAfter));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - time.GetUtcNow();
        return wait > options.MaxRetryAfter ? options.MaxRetryAfter : wait;
    }
}
