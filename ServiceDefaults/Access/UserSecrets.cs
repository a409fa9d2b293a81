using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.UserSecrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// The user secrets of this machine's developer, reloaded on demand when the file has changed. The framework's file watcher
/// watches a folder only if it existed when the configuration was built, and only until it is deleted. It also reloads a
/// quarter of a second late, after the first request with a token of a new key has been refused.
/// </summary>
internal sealed class UserSecrets(string path) : IConfigurationSource
{
    /// <summary>Checks the service's user secrets for changes before each request.</summary>
    public static void Follow(IHostApplicationBuilder builder)
    {
        // The framework adds no user secrets without a home directory, nor for an application whose name is not that of its
        // assembly.
        if (Find(builder) is not null
            && Assembly.Load(builder.Environment.ApplicationName).GetCustomAttribute<UserSecretsIdAttribute>() is { } secrets)
        {
            Follow(builder, PathHelper.GetSecretsPathFromSecretsId(secrets.UserSecretsId));
        }
    }

    /// <summary>Checks a file at another path for changes before each request.</summary>
    public static void Follow(IHostApplicationBuilder builder, string path)
    {
        var sources = builder.Configuration.Sources;
        sources[sources.IndexOf(Find(builder)!)] = new UserSecrets(path);
        builder.Services.AddTransient<IStartupFilter, UserSecretsFilter>();
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(path);

    private static JsonConfigurationSource? Find(IHostApplicationBuilder builder) =>
        builder.Configuration.Sources.OfType<JsonConfigurationSource>().FirstOrDefault(source => source.Path == "secrets.json");

    internal sealed class Provider(string path) : JsonConfigurationProvider(new JsonConfigurationSource { Path = path })
    {
        private readonly Lock _reading = new();
        private (DateTime Written, long Length)? _read;

        /// <exception cref="InvalidDataException">The file is not JSON. The previous values stay in force.</exception>
        public override void Load()
        {
            lock (_reading)
            {
                // A write during the read changes the state again, so the file is read again.
                _read = State();
                Read();
            }
        }

        /// <summary>
        /// Loads the file if it has changed since the last read, including a file that was half-written then.
        /// </summary>
        /// <param name="changed">Called after a change, before another caller returns.</param>
        /// <exception cref="InvalidDataException">The file is not JSON. The previous values stay in force.</exception>
        public void LoadChange(Action changed)
        {
            lock (_reading)
            {
                if (State() != _read)
                {
                    Load();
                    OnReload();
                    changed();
                }
            }
        }

        private void Read()
        {
            // A writer truncates the file first.
            if (State() is not { Length: > 0 })
            {
                Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
                return;
            }

            try
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                Load(stream);
            }
            catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"The user secrets in {path} could not be read.", exception);
            }
        }

        private (DateTime Written, long Length)? State() =>
            new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : null;
    }
}
