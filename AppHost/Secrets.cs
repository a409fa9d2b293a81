namespace Aspire.Webhooks.AppHost;

/// <summary>A secret as services get it: the environment variable's name and its value.</summary>
public sealed record Secret(string Key, ReferenceExpression Value);

public static class Secrets
{
    internal const string SourcePrefix = "WEBHOOK_SECRET_";

    // As Receiver/appsettings.Development.json configures them.
    private static readonly string[] Sources =
    [
        "github", "standard", "stripe", "slack", "shopify", "twilio", "discord", "paddle", "square", "meta", "generic",
        "messages", "agent", "provider",
    ];

    /// <summary>
    /// The secret that configuration has under <paramref name="key"/>, or else a random one that is kept from run to run.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="key">The configuration key, which is the environment variable's name too.</param>
    /// <param name="description">What it is for, as the dashboard shows it.</param>
    /// <param name="prefix">What a random value starts with, where its format asks for that.</param>
    /// <param name="suffix">What it ends with.</param>
    /// <param name="length">How many letters and digits are between the two.</param>
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

    /// <summary>The secrets of all sources that are set up for Development.</summary>
    public static IReadOnlyList<Secret> AddSourceSecrets(this IDistributedApplicationBuilder builder)
    {
        var secrets = new List<Secret>();
        foreach (var source in Sources)
        {
            var key = $"{SourcePrefix}{source.ToUpperInvariant().Replace('-', '_')}";
            var description = $"Secret of source {source}.";
            secrets.Add(source switch
            {
                // Discord's is an Ed25519 key: 42 characters and the suffix are the base64 of its 32 bytes.
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

    /// <summary>Hands secrets to a service as environment variables.</summary>
    public static IResourceBuilder<T> WithSecrets<T>(this IResourceBuilder<T> resource, IEnumerable<Secret> secrets)
        where T : IResourceWithEnvironment
    {
        foreach (var secret in secrets)
        {
            resource.WithEnvironment(secret.Key, secret.Value);
        }

        return resource;
    }

    /// <summary>As <see cref="AddSecret"/>, for what takes a parameter.</summary>
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
