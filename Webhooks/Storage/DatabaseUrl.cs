using System.Globalization;
using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// The variable <c>DATABASE_URL</c>, which many platforms set: another name for <c>ConnectionStrings:webhooks</c>, which takes
/// precedence. It holds a URL as libpq and SQLAlchemy write it, or a connection string of Npgsql.
/// </summary>
public sealed class DatabaseUrl
{
    public const string Key = "DATABASE_URL";

    // The parameters of libpq that platforms use, by Npgsql's names.
    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["host"] = "Host", ["port"] = "Port", ["sslmode"] = "SSL Mode", ["ssl"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate", ["channel_binding"] = "Channel Binding", ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
    };

    /// <summary>Sets <c>ConnectionStrings:webhooks</c> from the variable, unless it has a value.</summary>
    public static void Add(IHostApplicationBuilder builder)
    {
        var value = builder.Configuration[Key];
        if (string.IsNullOrEmpty(value)
            || !string.IsNullOrEmpty(builder.Configuration.GetConnectionString(StorageRegistration.ConnectionName)))
        {
            return;
        }

        var connection = Parse(value);
        builder.Configuration[$"ConnectionStrings:{StorageRegistration.ConnectionName}"] = connection;
        builder.Services.AddOptions<DatabaseUrl>()
            .Check((_, _) => connection is not null
                ? []
                : [$"{Key} must be a URL of PostgreSQL, such as postgresql://user:password@host:5432/webhooks."])
            .ValidateOnStart();
    }

    /// <summary>Returns the connection string of Npgsql; null when the value is neither a URL of PostgreSQL nor one.</summary>
    public static string? Parse(string value)
    {
        try
        {
            return Uri.TryCreate(value, UriKind.Absolute, out var url) && value.Contains("://", StringComparison.Ordinal)
                ? FromUrl(url)
                : new NpgsqlConnectionStringBuilder(value) is { Host.Length: > 0 } builder ? builder.ConnectionString : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static string? FromUrl(Uri url)
    {
        // SQLAlchemy names its driver behind a plus sign.
        if (url.Scheme.Split('+')[0] is not ("postgres" or "postgresql"))
        {
            return null;
        }

        var user = url.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = url.IdnHost is { Length: > 0 } host ? host : null,
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user is [_, var password] ? Uri.UnescapeDataString(password) : null,
            Database = url.AbsolutePath.Trim('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : null,
        };
        if (url.Port > 0)
        {
            builder.Port = url.Port;
        }

        foreach (var parameter in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = parameter.Split('=', 2);
            if (pair.Length != 2 || !Parameters.TryGetValue(pair[0].ToLower(CultureInfo.InvariantCulture), out var keyword))
            {
                return null;
            }

            // "verify-full" is VerifyFull.
            var text = Uri.UnescapeDataString(pair[1]);
            builder[keyword] = keyword == "SSL Mode" ? text.Replace("-", "", StringComparison.Ordinal) : text;
        }

        return builder.Host is null ? null : builder.ConnectionString;
    }
}
