using System.Globalization;
using System.Security.Cryptography;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.AppHost;

/// <summary>The form of a generated secret: random letters and digits between a prefix and a suffix.</summary>
/// <param name="Length">The number of letters and digits.</param>
public sealed record SecretForm(string Prefix = "", string Suffix = "", int Length = 32)
{
    /// <summary>Creates a random secret.</summary>
    public string Create() => $"{Prefix}{RandomNumberGenerator.GetString(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", Length)}{Suffix}";
}

/// <summary>A secret that was rotated and is accepted until a time.</summary>
public sealed record PreviousSecret(ReferenceExpression Value, DateTimeOffset ExpiresAt);

/// <summary>A secret that is passed to services as an environment variable.</summary>
/// <param name="key">The name of the environment variable, which is also the configuration key.</param>
/// <param name="source">The source whose secret it is; null for others.</param>
public sealed class Secret(string key, string? source, SecretForm form, ReferenceExpression value, PreviousSecret? previous)
{
    public string Key => key;

    public string? Source => source;

    public SecretForm Form => form;

    /// <summary>The value in force. A service has the one that was in force when it started.</summary>
    public ReferenceExpression Value { get; private set; } = value;

    /// <summary>The value before the latest rotation; null when it is not accepted any more.</summary>
    public PreviousSecret? Previous { get; private set; } = previous;

    /// <summary>The services that have it.</summary>
    public ISet<IResource> Services { get; } = new HashSet<IResource>();

    /// <summary>Replaces the value for services that start from now on.</summary>
    internal void Replace(string newValue, (string Value, DateTimeOffset ExpiresAt)? old)
    {
        Previous = old is { } known ? new(Fixed(Secrets.PreviousKey(key), known.Value), known.ExpiresAt) : null;
        Value = Fixed(key, newValue);
    }

    // A parameter, so that the value is known to be a secret. It is not one of the model: those are read once.
    private static ReferenceExpression Fixed(string key, string value) => ReferenceExpression.Create(
        $"{new ParameterResource(Secrets.ParameterName(key), _ => value, secret: true)}");
}

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
    /// <param name="form">The form of a generated value.</param>
    /// <param name="source">The source whose secret it is; null for others.</param>
    public static Secret AddSecret(
        this IDistributedApplicationBuilder builder, string key, string description, SecretForm form, string? source = null)
    {
        var parameter = builder.AddSecretParameter(key, description, form.Length);
        var value = builder.HasSecret(key)
            ? ReferenceExpression.Create($"{parameter}")
            : ReferenceExpression.Create($"{form.Prefix}{parameter}{form.Suffix}");
        return new(key, source, form, value, builder.AddPrevious(key));
    }

    /// <summary>Adds the secrets of all sources of the Development configuration.</summary>
    public static IReadOnlyList<Secret> AddSourceSecrets(this IDistributedApplicationBuilder builder)
    {
        var secrets = new List<Secret>();
        foreach (var source in Sources)
        {
            var form = source switch
            {
                // Discord's secret is an Ed25519 key: 42 characters and the suffix are the base64 of its 32 bytes.
                "discord" => new SecretForm("whsk_", "A=", Length: 42),
                "standard" => new SecretForm("whsec_"),
                _ => new SecretForm(),
            };
            secrets.Add(builder.AddSecret(SourceKeys.Secret(source), $"Secret of source {source}.", form, source));
        }

        return
        [
            .. secrets,
            builder.AddSecret("WEBHOOK_SECRET", "A second secret of the sources messages, agent and provider.", new()),
            builder.AddSecret("WEBHOOK_VERIFY_TOKEN_META", "What Meta shows when it subscribes.", new()),
        ];
    }

    /// <summary>Passes secrets to a service as environment variables.</summary>
    public static IResourceBuilder<T> WithSecrets<T>(this IResourceBuilder<T> resource, IReadOnlyCollection<Secret> secrets)
        where T : IResourceWithEnvironment
    {
        foreach (var secret in secrets)
        {
            secret.Services.Add(resource.Resource);
        }

        // Read at each start, because a rotation replaces them.
        return resource.WithEnvironment(context =>
        {
            foreach (var secret in secrets)
            {
                context.EnvironmentVariables[secret.Key] = secret.Value;
            }
        });
    }

    /// <summary>Makes the Receiver accept the previous secrets of sources until they expire.</summary>
    public static IResourceBuilder<T> WithPreviousSecrets<T>(
        this IResourceBuilder<T> receiver, IReadOnlyCollection<Secret> secrets)
        where T : IResourceWithEnvironment => receiver.WithEnvironment(context =>
    {
        foreach (var secret in secrets)
        {
            if (secret is not { Source: { } source, Previous: { } previous })
            {
                continue;
            }

            // Secrets that the source has in the settings of Development come before it.
            var (list, variables) = ($"Webhooks__Sources__{source}__Secrets", context.EnvironmentVariables);
            variables[PreviousKey(secret.Key)] = previous.Value;
            variables[$"{list}__0__Key"] = secret.Key;
            variables[$"{list}__9__Key"] = PreviousKey(secret.Key);
            variables[$"{list}__9__ExpiresAt"] = previous.ExpiresAt.ToString("O", CultureInfo.InvariantCulture);
        }
    });

    /// <summary>Returns the key of the secret before the latest rotation.</summary>
    internal static string PreviousKey(string key) => $"{key}_PREVIOUS";

    /// <summary>Returns the key of the time from which the secret before the latest rotation is refused.</summary>
    internal static string ExpiryKey(string key) => $"{key}_PREVIOUS_EXPIRES_AT";

    /// <summary>Returns the name of the resource of a secret. Names of resources have no underscores.</summary>
    internal static string ParameterName(string key) => key.Replace('_', '-').ToLowerInvariant();

    /// <summary>Adds a secret like <see cref="AddSecret"/>, as a parameter resource.</summary>
    public static IResourceBuilder<ParameterResource> AddSecretParameter(
        this IDistributedApplicationBuilder builder, string key, string description, int length = 32)
    {
        var name = ParameterName(key);
        var random = new GenerateParameterDefault { MinLength = length, Special = false };
        var parameter = builder.HasSecret(key)
            ? builder.AddParameterFromConfiguration(name, key, secret: true)
            : builder.AddParameter(name, random, secret: true, persist: true);
        return parameter.WithDescription(description);
    }

    private static PreviousSecret? AddPrevious(this IDistributedApplicationBuilder builder, string key)
    {
        var previous = PreviousKey(key);
        if (!builder.HasSecret(previous)
            || !DateTimeOffset.TryParse(
                builder.Configuration[ExpiryKey(key)], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
                out var expiresAt)
            || expiresAt <= TimeProvider.System.GetUtcNow())
        {
            return null;
        }

        var parameter = builder.AddSecretParameter(previous, $"The secret before {key}, accepted until {expiresAt:u}.");
        return new(ReferenceExpression.Create($"{parameter}"), expiresAt);
    }

    private static bool HasSecret(this IDistributedApplicationBuilder builder, string key) =>
        !string.IsNullOrEmpty(builder.Configuration[key]);
}
