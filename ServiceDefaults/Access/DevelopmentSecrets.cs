using System.Reflection;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.UserSecrets;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.ServiceDefaults.Access;

internal static class DevelopmentSecrets
{
    private const string SecretsFile = "secrets.json";

    /// <summary>
    /// Makes the folder of the service's user secrets, so that secrets are read that are added while it runs. The framework
    /// watches only a folder that is there at the start, and on a new machine <c>dotnet user-jwts</c> makes it later.
    /// </summary>
    public static void FollowUserSecrets(this IHostApplicationBuilder builder)
    {
        var sources = builder.Configuration.Sources;
        if (sources.OfType<JsonConfigurationSource>().FirstOrDefault(source => source.Path == SecretsFile) is not { } unwatched
            || Assembly.Load(builder.Environment.ApplicationName).GetCustomAttribute<UserSecretsIdAttribute>() is not { } secrets)
        {
            return;
        }

        var folder = Path.GetDirectoryName(PathHelper.GetSecretsPathFromSecretsId(secrets.UserSecretsId))!;
        if (Directory.Exists(folder))
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A home that cannot be written to gets no secrets later either.
            return;
        }

        sources[sources.IndexOf(unwatched)] = new JsonConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(folder), Path = SecretsFile, Optional = true, ReloadOnChange = unwatched.ReloadOnChange,
        };
    }
}
