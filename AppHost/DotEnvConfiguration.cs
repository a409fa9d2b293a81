using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.AppHost;

internal static class DotEnvConfiguration
{
    /// <summary>
    /// Adds the file's values, if there is one, for keys that have no value yet: the environment and the command line win.
    /// </summary>
    public static void AddDotEnv(this ConfigurationManager configuration, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var missing = DotEnv.Parse(File.ReadAllText(path)).Where(pair => string.IsNullOrEmpty(configuration[pair.Key])).ToList();
        configuration.AddInMemoryCollection(missing);
    }
}
