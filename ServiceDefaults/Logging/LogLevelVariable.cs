using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>
/// The variable <c>LOG_LEVEL</c>: another name for <c>Logging:LogLevel:Default</c>, over which it takes precedence. Its values
/// are those of Python, such as <c>INFO</c>, and those of .NET, such as <c>Information</c>.
/// </summary>
internal sealed class LogLevelVariable
{
    public const string Key = "LOG_LEVEL";

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["TRACE"] = LogLevel.Trace,
        ["DEBUG"] = LogLevel.Debug,
        ["INFO"] = LogLevel.Information,
        ["INFORMATION"] = LogLevel.Information,
        ["WARN"] = LogLevel.Warning,
        ["WARNING"] = LogLevel.Warning,
        ["ERROR"] = LogLevel.Error,
        ["CRITICAL"] = LogLevel.Critical,
        ["NONE"] = LogLevel.None,
    };

    /// <summary>Sets the default level from the variable, if it has a value.</summary>
    public static void Add(IHostApplicationBuilder builder)
    {
        if (builder.Configuration[Key]?.Trim() is not { Length: > 0 } value)
        {
            return;
        }

        if (Levels.TryGetValue(value, out var level))
        {
            builder.Configuration["Logging:LogLevel:Default"] = $"{level}";
            return;
        }

        builder.Services.AddOptions<LogLevelVariable>()
            .Check((_, _) => [$"{Key} is '{value}'; it must be one of {string.Join(", ", Levels.Keys)}."])
            .ValidateOnStart();
    }
}
