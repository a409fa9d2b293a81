namespace Aspire.Webhooks.AppHost;

public static class Agents
{
    /// <summary>
    /// Hands the service the model that configuration names, if it does: <c>OPENAI_MODEL</c>, <c>OPENAI_BASE_URL</c>,
    /// <c>OPENAI_API_KEY</c>. On this machine agents' transcripts are kept beside the stores' data.
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

    /// <summary>The same without the key, by configuration key.</summary>
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

        if (builder.ExecutionContext.IsRunMode)
        {
            settings["Webhooks:Transcripts:Directory"] = Path.Combine(builder.DataDirectory(), "transcripts");
        }

        return settings;
    }
}
