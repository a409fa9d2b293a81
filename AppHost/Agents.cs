namespace Aspire.Webhooks.AppHost;

public static class Agents
{
    internal const string Model = "Webhooks:OpenAI:Model";

    /// <summary>
    /// Passes the configured model to the service: <c>OPENAI_MODEL</c>, <c>OPENAI_BASE_URL</c> and <c>OPENAI_API_KEY</c>. On a
    /// developer's machine the transcripts of agents are stored in the data folder.
    /// </summary>
    public static IResourceBuilder<T> WithAgents<T>(this IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment
    {
        var builder = resource.ApplicationBuilder;
        resource.WithSettings(builder.AgentSettings());
        return builder.Configuration["OPENAI_API_KEY"] is { Length: > 0 }
            ? resource.WithEnvironment(
                "Webhooks__OpenAI__ApiKey", builder.AddSecretParameter("OPENAI_API_KEY", "Key of the model's server."))
            : resource;
    }

    /// <summary>Returns the same settings by configuration key, without the API key.</summary>
    public static IReadOnlyDictionary<string, string> AgentSettings(this IDistributedApplicationBuilder builder) =>
        new Dictionary<string, string>(builder.ModelSettings(), StringComparer.Ordinal)
        {
            ["Webhooks:Transcripts:Directory"] = Path.Combine(builder.DataDirectory(), "transcripts"),
        };

    /// <summary>Returns the settings of the model alone by configuration key; empty when none is configured.</summary>
    internal static Dictionary<string, string> ModelSettings(this IDistributedApplicationBuilder builder)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (builder.Configuration["OPENAI_MODEL"] is { Length: > 0 } model)
        {
            settings[Model] = model;
        }

        if (builder.Configuration["OPENAI_BASE_URL"] is { Length: > 0 } url)
        {
            settings["Webhooks:OpenAI:BaseUrl"] = url;
        }

        return settings;
    }

    /// <summary>Passes settings to the service as environment variables.</summary>
    internal static void WithSettings<T>(this IResourceBuilder<T> resource, IReadOnlyDictionary<string, string> settings)
        where T : IResourceWithEnvironment
    {
        foreach (var (key, value) in settings)
        {
            resource.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
        }
    }
}
