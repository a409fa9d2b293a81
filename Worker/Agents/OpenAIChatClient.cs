using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Net;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using OpenAI;
using OpenAI.Chat;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Calls a model over the chat-completions protocol with OpenAI's own client.</summary>
public sealed class OpenAIChatClient : DelegatingChatClient
{
    private readonly HttpClient _http;

    public OpenAIChatClient(IOptions<OpenAIOptions> options, Redactor redactor, TimeProvider time)
        : this(options.Value, NewHttpClient(options.Value, redactor, time))
    {
    }

    private OpenAIChatClient(OpenAIOptions options, HttpClient http)
        : base(NewClient(options, http)) => _http = http;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _http.Dispose();
        }

        base.Dispose(disposing);
    }

    private static HttpClient NewHttpClient(OpenAIOptions options, Redactor redactor, TimeProvider time) => new(
        new CompletionHandler(options, redactor, time)
        {
            // Redirects are not followed, because only the operator decides which server gets the key.
            InnerHandler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.All,
                ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            },
        })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static IChatClient NewClient(OpenAIOptions options, HttpClient http)
    {
        var key = options.ApiKey?.Reveal() is { Length: > 0 } given ? given : "none";
        var client = new ChatClient(options.Model, new ApiKeyCredential(key), new OpenAIClientOptions
        {
            Endpoint = options.BaseUrl,
            NetworkTimeout = options.Timeout,
            // Only the job of the task retries a call, because it counts the attempts.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(http),
        });
        return client.AsIChatClient().AsBuilder()
            .ConfigureOptions(chat => chat.MaxOutputTokens ??= options.MaxOutputTokens)
            .Build();
    }
}
