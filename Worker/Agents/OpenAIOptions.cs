using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>
/// Settings of a model that is called over the chat-completions protocol: OpenAI, Azure OpenAI (its <c>/openai/v1/</c>), Ollama,
/// vLLM and others. Section <c>Webhooks:OpenAI</c>.
/// </summary>
public sealed class OpenAIOptions
{
    public const string Section = "Webhooks:OpenAI";

    /// <summary>The name of the agent in playbooks, and the key of its <c>IChatClient</c>.</summary>
    public const string Agent = "openai";

    /// <summary>The URL of the server, without <c>chat/completions</c>.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.openai.com/v1");

    /// <summary>The name of the model. Required by playbooks whose agent is <c>openai</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>The bearer token. Servers on your own machine usually need none.</summary>
    public Secret? ApiKey { get; set; }

    /// <summary>The largest number of tokens of one answer.</summary>
    [Range(16, 200_000)]
    public int MaxOutputTokens { get; set; } = 4_096;

    /// <summary>The time limit of one answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest wait that the Retry-After of a 429 or 5xx can request. 0 ignores Retry-After.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Returns the errors that concern more than a single value, each beginning with its key.</summary>
    public static IEnumerable<string> Errors(OpenAIOptions options, IServiceProvider services)
    {
        // The model is required only if a playbook uses it. The playbooks are not read as options, which would throw their own
        // errors here.
        var configuration = services.GetRequiredService<IConfiguration>();
        var playbooks = new SectionBinder([]).Read<PlaybooksOptions>(configuration, PlaybooksOptions.Section);
        if (options.Model.Length == 0 && playbooks.Values.Any(playbook => playbook.Agent == Agent))
        {
            yield return $"{Section}:Model is not set; a playbook's agent is {Agent}.";
        }

        var url = options.BaseUrl;
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            yield return $"{Section}:BaseUrl must be an absolute http or https URL without credentials.";
        }
    }
}
