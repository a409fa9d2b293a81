using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.AppHost;

/// <summary>A secret that is passed to services: the name of the environment variable and its value.</summary>
public sealed record Secret(string Key, ReferenceExpression Value);

public static class Secrets
{
    /// <summary>The sources in Receiver/appsettings.Development.json.</summary>
    internal static readonly string[] Sources =
    [
        "github", "standard", "stripe", "slack", "shopify", "twilio", "discord", "paddle", "square", "meta", "generic",
        "messages", "agent", "provider",
    ];

    /// <summary>
    /// Returns the secret of the configuration key <paramref name="key"/>. If it has no value, a random one is generated and
    /// kept for later runs.
    /// </summary>
    /// <param name="builder">The application builder.</param>
    /// <param name="key">The configuration key, which is also the name of the environment variable.</param>
    /// <param name="description">The purpose of the secret, for the dashboard.</param>
    /// <param name="prefix">The prefix of a generated value, if its format requires one.</param>
    /// <param name="suffix">The suffix of a generated value.</param>
    /// <param name="length">The number of letters and digits between prefix and suffix.</param>
    public static Secret AddSecret(
        this IDistributedApplicationBuilder builder,
        string key,
        string description,
        string prefix = "",
        string suffix = "",
        int length = 32)
    {
        var parameter = builder.AddSecretParameter(key, description, length);
        return builder.HasSecret(key)
            ? new Secret(key, ReferenceExpression.Create($"{parameter}"))
            : new Secret(key, ReferenceExpression.Create($"{prefix}{parameter}{suffix}"));
    }

    /// <summary>Adds the secrets of all sources of the Development configuration.</summary>
    public static IReadOnlyList<Secret> AddSourceSecrets(this IDistributedApplicationBuilder builder)
    {
        var secrets = new List<Secret>();
        foreach (var source in Sources)
        {
            var key = SourceKeys.Secret(source);
            var description = $"Secret of source {source}.";
            secrets.Add(source switch
            {
                // Discord's secret is an Ed25519 key: 42 characters and the suffix are the base64 of its 32 bytes.
                "discord" => builder.AddSecret(key, description, "whsk_", "A=", length: 42),
                "standard" => builder.AddSecret(key, description, "whsec_"),
                _ => builder.AddSecret(key, description),
            });
        }

        return
        [
            .. secrets,
            builder.AddSecret("WEBHOOK_SECRET", "A second secret of the sources messages, agent and provider."),
            builder.AddSecret("WEBHOOK_VERIFY_TOKEN_META", "What Meta shows when it subscribes."),
        ];
    }

    /// <summary>Passes secrets to a service as environment variables.</summary>
    public static IResourceBuilder<T> WithSecrets<T>(this IResourceBuilder<T> resource, IEnumerable<Secret> secrets)
        where T : IResourceWithEnvironment
    {
        foreach (var secret in secrets)
        {
            resource.WithEnvironment(secret.Key, secret.Value);
        }

        return resource;
    }

    /// <summary>Adds a secret like <see cref="AddSecret"/>, as a parameter resource.</summary>
    public static IResourceBuilder<ParameterResource> AddSecretParameter(
        this IDistributedApplicationBuilder builder, string key, string description, int length = 32)
    {
        // Resource names have no underscores.
        var name = key.Replace('_', '-').ToLowerInvariant();
        var random = new GenerateParameterDefault { MinLength = length, Special = false };
        var parameter = builder.HasSecret(key)
            ? builder.AddParameterFromConfiguration(name, key, secret: true)
            : builder.AddParameter(name, random, secret: true, persist: true);
        return parameter.WithDescription(description);
    }

    private static bool HasSecret(this IDistributedApplicationBuilder builder, string key) =>
        !string.IsNullOrEmpty(builder.Configuration[key]);
}
