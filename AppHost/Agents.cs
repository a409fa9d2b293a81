namespace Aspire.Webhooks.AppHost;

public static class Agents
{
    /// <summary>
    /// Passes the configured model to the service: <c>OPENAI_MODEL</c>, <c>OPENAI_BASE_URL</c> and <c>OPENAI_API_KEY</c>. On a
    /// developer's machine the transcripts of agents are stored in the data folder.
    /// </summary>
    public static IResourceBuilder<T> WithAgents<T>(this IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment
    {
        var builder = resource.ApplicationBuilder;
        foreach (var (key, value) in builder.AgentSettings())
        {
            resource.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }

        return builder.Configuration["OPENAI_API_KEY"] is { Length: > 0 }
            ? resource.WithEnvironment(
                "Webhooks__OpenAI__ApiKey", builder.AddSecretParameter("OPENAI_API_KEY", "Key of the model's server."))
            : resource;
    }

    /// <summary>Returns the same settings by configuration key, without the API key.</summary>
    public static IReadOnlyDictionary<string, string> AgentSettings(this IDistributedApplicationBuilder builder)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (builder.Configuration["OPENAI_MODEL"] is { Length: > 0 } model)
        {
            settings["Webhooks:OpenAI:Model"] = model;
        }

        if (builder.Configuration["OPENAI_BASE_URL"] is { Length: > 0 } url)
        {
            settings["Webhooks:OpenAI:BaseUrl"] = url;
        }

        settings["Webhooks:Transcripts:Directory"] = Path.Combine(builder.DataDirectory(), "transcripts");
        return settings;
    }
}
