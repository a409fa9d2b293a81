using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.UserSecrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// The user secrets of this machine's developer, read again when somebody asks and the file has changed. The framework watches
/// only a folder that was there when the configuration was built, and only until it is deleted, and it reads what changed a
/// quarter of a second later, when the first request with a token of the new key has been refused.
/// </summary>
internal sealed class UserSecrets(string path) : IConfigurationSource
{
    /// <summary>Has the service's user secrets looked at before each request.</summary>
    public static void Follow(IHostApplicationBuilder builder)
    {
        // The framework adds none where there is no home, nor to a service that is not called as its assembly.
        if (Find(builder) is not null
            && Assembly.Load(builder.Environment.ApplicationName).GetCustomAttribute<UserSecretsIdAttribute>() is { } secrets)
        {
            Follow(builder, PathHelper.GetSecretsPathFromSecretsId(secrets.UserSecretsId));
        }
    }

    /// <summary>The same for a file at another place.</summary>
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

        /// <exception cref="InvalidDataException">The file is no JSON. What it said before stays in force.</exception>
        public override void Load()
        {
            lock (_reading)
            {
                // What is written while it is read makes it another state, which is read again.
                _read = State();
                Read();
            }
        }

        /// <summary>Loads the file if it has changed since it was read last, be it that it was half-written then.</summary>
        /// <exception cref="InvalidDataException">The file is no JSON. What it said before stays in force.</exception>
        public void LoadChange()
        {
            lock (_reading)
            {
                if (State() != _read)
                {
                    Load();
                    OnReload();
                }
            }
        }

        private void Read()
        {
            // Whoever writes it has it empty for a moment.
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
