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
        if (builder.Configuration["OPENAI_MODEL"] is { Length: > 0 } model)
        {
            resource.WithEnvironment("Webhooks__OpenAI__Model", model);
        }

        if (builder.Configuration["OPENAI_BASE_URL"] is { Length: > 0 } url)
        {
            resource.WithEnvironment("Webhooks__OpenAI__BaseUrl", url);
        }

        if (builder.Configuration["OPENAI_API_KEY"] is { Length: > 0 })
        {
            resource.WithEnvironment("Webhooks__OpenAI__ApiKey", builder.AddSecretParameter("OPENAI_API_KEY"));
        }

        return builder.ExecutionContext.IsRunMode
            ? resource.WithEnvironment("Webhooks__Transcripts__Directory", Path.Combine(builder.DataDirectory(), "transcripts"))
            : resource;
    }
}
