namespace Aspire.Webhooks.AppHost;

/// <summary>A secret as services get it: the environment variable's name and its value.</summary>
public sealed record Secret(string Key, ReferenceExpression Value);

public static class Secrets
{
    /// <summary>
    /// The secret that configuration has under <paramref name="key"/>, or else a random one that is kept from run to run.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="key">The configuration key, which is the environment variable's name too.</param>
    /// <param name="prefix">What a random value starts with, where its format asks for that.</param>
    public static Secret AddSecret(this IDistributedApplicationBuilder builder, string key, string prefix = "")
    {
        var parameter = builder.AddSecretParameter(key);
        return builder.HasSecret(key)
            ? new Secret(key, ReferenceExpression.Create($"{parameter}"))
            : new Secret(key, ReferenceExpression.Create($"{prefix}{parameter}"));
    }

    /// <summary>As <see cref="AddSecret"/>, for what takes a parameter.</summary>
    public static IResourceBuilder<ParameterResource> AddSecretParameter(this IDistributedApplicationBuilder builder, string key)
    {
        // Resource names have no underscores.
        var name = key.Replace('_', '-').ToLowerInvariant();
        return builder.HasSecret(key)
            ? builder.AddParameterFromConfiguration(name, key, secret: true)
            : builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
    }

    /// <summary>Hands a secret to a service as an environment variable.</summary>
    public static IResourceBuilder<T> WithSecret<T>(this IResourceBuilder<T> resource, Secret secret)
        where T : IResourceWithEnvironment => resource.WithEnvironment(secret.Key, secret.Value);

    private static bool HasSecret(this IDistributedApplicationBuilder builder, string key) =>
        !string.IsNullOrEmpty(builder.Configuration[key]);
}
