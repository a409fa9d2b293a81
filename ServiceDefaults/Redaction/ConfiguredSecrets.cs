using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Finds the secrets that a process was configured with.</summary>
public static class ConfiguredSecrets
{
    private static readonly string[] Prefixes = ["WEBHOOK_SECRET", "WEBHOOK_VERIFY_TOKEN"];
    private const string OtlpHeaders = "OTEL_EXPORTER_OTLP_";

    public static IEnumerable<string> In(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            if (IsSecret(key) && !CredentialValue.IsPlace(value))
            {
                yield return value;
            }

            if (NamesSecret(key) && configuration[value] is { Length: > 0 } named)
            {
                yield return named;
            }

            foreach (var secret in PartsOf(key, value))
            {
                yield return secret;
            }
        }
    }

    private static bool IsSecret(string key)
    {
        // In a list (Secrets:0) the list's name says what its items are.
        var segments = key.Split(':');
        var name = Array.FindLast(segments, segment => !segment.All(char.IsAsciiDigit)) ?? "";
        if (Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || IsSigningKey(segments))
        {
            return true;
        }

        // The shell's working directory, not a password.
        return CredentialName.Is(name) && name is not ("PWD" or "OLDPWD");
    }

    // A proxy, a broker or a database may be given by its URL, whatever the key is called.
    private static IEnumerable<string> PartsOf(string key, string value)
    {
        if (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Split(':', 2) is [_, { Length: > 0 } password])
        {
            return [password, Uri.UnescapeDataString(password)];
        }

        if (key.StartsWith(OtlpHeaders, StringComparison.OrdinalIgnoreCase)
            && key.EndsWith("HEADERS", StringComparison.OrdinalIgnoreCase))
        {
            return value.Split(',')
                .Select(header => Uri.UnescapeDataString(header[(header.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()));
        }

        return IsConnectionString(key) ? PasswordsIn(value) : [];
    }

    // Secrets:0:Key and VerifyTokenKey say under which key a secret is, whatever that is called.
    private static bool NamesSecret(string key) =>
        key.EndsWith(":VerifyTokenKey", StringComparison.OrdinalIgnoreCase)
        || (key.Split(':') is [.., var list, _, var last]
            && string.Equals(list, "Secrets", StringComparison.OrdinalIgnoreCase)
            && string.Equals(last, "Key", StringComparison.OrdinalIgnoreCase));

    // Authentication:Schemes:Bearer:SigningKeys:0:Value, as dotnet user-jwts writes it.
    private static bool IsSigningKey(string[] segments) =>
        segments is [.., var list, _, var last]
        && list.Equals("SigningKeys", StringComparison.OrdinalIgnoreCase)
            && last.Equals("Value", StringComparison.OrdinalIgnoreCase);

    private static bool IsConnectionString(string key) =>
        key.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase)
        || key.EndsWith("ConnectionString", StringComparison.OrdinalIgnoreCase)
        || key.Equals("DATABASE_URL", StringComparison.OrdinalIgnoreCase);

    // Npgsql and Azure separate by semicolons and may quote; StackExchange.Redis separates by commas and never quotes.
    private static IEnumerable<string> PasswordsIn(string connectionString) =>
        Keywords(connectionString).Concat(connectionString.Split(',').Select(part => part.Split('=', 2)).OfType<string[]>()
            .Where(pair => pair.Length == 2).Select(pair => KeyValuePair.Create(pair[0].Trim(), pair[1].Trim())))
            .Where(pair => CredentialName.Is(pair.Key))
            .Select(pair => pair.Value);

    private static IEnumerable<KeyValuePair<string, string>> Keywords(string connectionString)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = connectionString;
        }
        catch (ArgumentException)
        {
            return [];
        }

        return builder.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, builder[key].ToString() ?? ""));
    }
}
