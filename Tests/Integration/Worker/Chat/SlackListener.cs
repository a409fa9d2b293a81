using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Integration.Worker.Chat;

/// <summary>Posts operators' events to a channel of Slack, with two buttons where a decision is asked for.</summary>
public sealed class SlackListener(IHttpClientFactory http, IConfiguration configuration) : WebhookListener
{
    public override string Source => "operators";

    public override async Task HandleAsync(WebhookEvent webhookEvent, CancellationToken cancellationToken)
    {
        using var json = webhookEvent.ParseJson();
        using var answer = await http.CreateClient().PostAsJsonAsync(
            configuration["CHAT_URL"], Message(webhookEvent.EventType, json.RootElement), cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static object Message(string type, JsonElement body)
    {
        // Slack would make links and mentions of what is between angle brackets.
        var text = string.Join('\n', OperatorText.Lines(type, body))
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
        if (type != "approval.requested")
        {
            return new { text };
        }

        var data = body.GetProperty("data");
        var value = $"{data.GetProperty("approval_id")} {data.GetProperty("arguments_sha256")}";
        object[] blocks =
        [
            new { type = "section", text = new { type = "mrkdwn", text } },
            new { type = "actions", elements = new[] { Button("approve", "Approve"), Button("refuse", "Refuse") } },
        ];
        return new { text, blocks };

        object Button(string action, string label) =>
            new { type = "button", action_id = action, text = new { type = "plain_text", text = label }, value };
    }
}

/// <summary>An operators' event as people read it.</summary>
internal static class OperatorText
{
    public static IEnumerable<string> Lines(string type, JsonElement body)
    {
        var data = body.GetProperty("data");
        IEnumerable<string> lines = type == "approval.requested"
            ?
            [
                $"The playbook {data.GetProperty("playbook")} asks whether it may call {data.GetProperty("tool")}.",
                $"Without a decision until {data.GetProperty("expires_at").GetDateTimeOffset():u} it may not.",
                .. data.GetProperty("may_repeat").GetBoolean() ? (string[])["The call may have been made before."] : [],
            ]
            : data.EnumerateObject().Select(member => $"{member.Name}: {member.Value}").Prepend(type);
        return body.GetProperty("url").GetString() is { } url ? lines.Append(url) : lines;
    }
}
