using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// A model behind the chat-completions protocol: OpenAI, Azure OpenAI (its <c>/openai/v1/</c>), Ollama, vLLM and others. Section
/// <c>Webhooks:OpenAI</c>.
/// </summary>
public sealed class OpenAIOptions
{
    public const string Section = "Webhooks:OpenAI";

    /// <summary>What playbooks call the agent, and the key of its <c>IChatClient</c>.</summary>
    public const string Agent = "openai";

    /// <summary>Up to, not including, <c>chat/completions</c>.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.openai.com/v1");

    /// <summary>The model's name. Required by playbooks whose agent is <c>openai</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>Sent as a bearer token. Servers on one's own machine need none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>The most tokens of one answer.</summary>
    [Range(16, 200_000)]
    public int MaxOutputTokens { get; set; } = 4_096;

    /// <summary>How long one answer may take.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest wait that a 429's or 5xx's Retry-After can ask for; 0 heeds none.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong beyond single values, each error under its key.</summary>
    public static IEnumerable<string> Errors(OpenAIOptions options, IServiceProvider services)
    {
        // Asked only of those who use it. Not as options, whose own errors would be thrown here.
        var configuration = services.GetRequiredService<IConfiguration>();
        var playbooks = new SectionBinder([]).Read<PlaybooksOptions>(configuration, PlaybooksOptions.Section);
        if (options.Model.Length == 0 && playbooks.Values.Any(playbook => playbook.Agent == Agent))
        {
            yield return $"{Section}:Model is not set; a playbook's agent is {Agent}.";
        }

        var url = options.BaseUrl;
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            yield return $"{Section}:BaseUrl is no absolute http or https URL without credentials.";
        }
    }
}
