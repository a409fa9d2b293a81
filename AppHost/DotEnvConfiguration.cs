using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.AppHost;

internal static class DotEnvConfiguration
{
    /// <summary>
    /// Adds the values of the file, if it exists, for keys without a value: the environment and the command line take
    /// precedence.
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
