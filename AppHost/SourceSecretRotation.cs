using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Replaces secrets of sources where this machine keeps them, for this run and later ones: in <c>.env</c>, or in the user secrets
/// of the AppHost if they were generated.
/// </summary>
#pragma warning disable ASPIREUSERSECRETS001 // It is experimental.
internal sealed class SourceSecretRotation(
    string envFile, IConfiguration configuration, IUserSecretsManager userSecrets, TimeProvider time)
#pragma warning restore ASPIREUSERSECRETS001
{
    /// <summary>
    /// Makes and stores a new secret. Services that are started from then on have it. Rotations are made one after the other.
    /// </summary>
    /// <param name="old">The secret in force.</param>
    /// <param name="overlap">How long the old secret is accepted beside the new one; zero for not at all.</param>
    /// <returns>The new secret.</returns>
    /// <exception cref="InvalidOperationException">The secret is kept elsewhere, or cannot be stored. The message says how to
    /// change it.</exception>
    public string Rotate(Secret secret, string old, TimeSpan overlap)
    {
        var value = secret.Form.Create();
        DateTimeOffset? expiresAt = overlap > TimeSpan.Zero ? time.GetUtcNow() + overlap : null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // The key itself comes last, so that a write that fails leaves the old secret in force.
            [Secrets.PreviousKey(secret.Key)] = expiresAt is null ? "" : old,
            [Secrets.ExpiryKey(secret.Key)] = expiresAt?.ToString("O", CultureInfo.InvariantCulture) ?? "",
            [secret.Key] = value,
        };
        Store(secret.Key, old, values);
        secret.Replace(value, expiresAt is { } until ? (old, until) : null);
        return value;
    }

    private void Store(string key, string old, IReadOnlyDictionary<string, string> values)
    {
        var text = File.Exists(envFile) ? File.ReadAllText(envFile) : "";
        if (DotEnv.Parse(text).GetValueOrDefault(key) == old)
        {
            PrivateFile.Write(envFile, DotEnv.Set(text, values));
            return;
        }

        if (!IsInUserSecrets(key))
        {
            throw new InvalidOperationException(
                $"{key} is set by the environment or the command line, which would win over a new value. Change it there.");
        }

        foreach (var (name, value) in values)
        {
            if (!userSecrets.TrySetSecret(name, value))
            {
                throw new InvalidOperationException("The user secrets of the AppHost cannot be written.");
            }
        }
    }

    // A generated secret has no value at the key itself until it is rotated.
    private bool IsInUserSecrets(string key) =>
        string.IsNullOrEmpty(configuration[key])
        || ((IConfigurationRoot)configuration).Providers.LastOrDefault(provider => provider.TryGet(key, out _)) is
            JsonConfigurationProvider { Source.Path: "secrets.json" };
}
