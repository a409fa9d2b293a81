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

/// <summary>A model behind the chat-completions protocol, by OpenAI's own client.</summary>
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
            // The operator decides where the key goes; a server that redirects does not get to pass it on.
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
            // A question is asked again by the task's job alone, which counts its attempts.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            Transport = new HttpClientPipelineTransport(http),
        });
        return client.AsIChatClient().AsBuilder()
            .ConfigureOptions(chat => chat.MaxOutputTokens ??= options.MaxOutputTokens)
            .Build();
    }
}
