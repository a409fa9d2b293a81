using System.Net.Http.Json;
using Aspire.Webhooks.Listeners;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Integration.Worker.Chat;

/// <summary>Posts operators' events to a channel of Teams, as cards.</summary>
public sealed class TeamsListener(IHttpClientFactory http, IConfiguration configuration) : WebhookListener
{
    public override string Source => "operators";

    public override async Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        using var json = webhookEvent.ParseJson();
        var lines = OperatorText.Lines(webhookEvent.EventType, json.RootElement);
        var card = new
        {
            type = "AdaptiveCard",
            version = "1.4",
            body = lines.Select(text => new { type = "TextBlock", text, wrap = true }),
        };
        var message = new
        {
            type = "message",
            attachments = new[] { new { contentType = "application/vnd.microsoft.card.adaptive", content = card } },
        };
        using var answer = await http.CreateClient().PostAsJsonAsync(configuration["CHAT_URL"], message, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
