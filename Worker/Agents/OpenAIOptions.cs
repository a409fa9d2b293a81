using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// A model behind the chat-completions protocol: OpenAI, Azure OpenAI (its <c>/openai/v1/</c>), Ollama, vLLM and others. Section
/// <c>Webhooks:OpenAI</c>.
/// </summary>
public sealed class OpenAIOptions
{
    public const string Section = "Webhooks:OpenAI";

    /// <summary>Up to, not including, <c>chat/completions</c>. Default <c>https://api.openai.com/v1</c>.</summary>
    [Required]
    public Uri BaseUrl { get; set; } = new("https://api.openai.com/v1");

    /// <summary>The model's name. Required by playbooks whose agent is <c>openai</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>Sent as a bearer token. Servers on one's own machine need none; default none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>The most tokens of one answer. Default 4,096, from 16 to 200,000.</summary>
    [Range(16, 200_000)]
    public int MaxOutputTokens { get; set; } = 4_096;

    /// <summary>How long one answer may take. Default 2 min, from 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest wait that a 429's or 5xx's Retry-After can ask for. Default 1 h, up to 1 day; 0 heeds none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);
}
