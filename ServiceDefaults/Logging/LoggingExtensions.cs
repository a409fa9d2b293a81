using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Aspire.Webhooks.ServiceDefaults.Logging;

/// <summary>Registers logging.</summary>
public static class LoggingExtensions
{
    // At the default levels each poll, probe and call would log several lines. Other configuration sources override these
    // values.
    private static readonly Dictionary<string, string?> QuietCategories = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command"] = "Warning",
        ["Logging:LogLevel:Npgsql.Command"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        ["Logging:LogLevel:StackExchange.Redis"] = "Warning",
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
    };

    /// <summary>
    /// Makes the redacting console the only log provider besides OpenTelemetry: the host's debug and event providers would
    /// print secrets.
    /// </summary>
    internal static void AddRedactedConsole(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = QuietCategories });
        LogLevelVariable.Add(builder);
        builder.Logging.ClearProviders();

        // The span of the request says the same.
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(typeof(RequestLog).FullName, LogLevel.None);
        builder.Services.AddTransient<IStartupFilter, RequestLog>();
        builder.Services.AddSingleton<ILoggerProvider, LineConsole>();
        builder.Services.TryAddSingleton(new LogStream(Console.OpenStandardOutput));
        if (builder.Environment.IsDevelopment())
        {
            builder.Services.AddSingleton<LineFormatter, TextLineFormatter>();
        }
        else
        {
            builder.Services.AddSingleton<LineFormatter, JsonLineFormatter>();
        }
    }

    /// <summary>Makes the console write to standard error, for a process whose standard output belongs to a protocol.</summary>
    public static void LogToStandardError(this IHostApplicationBuilder builder) =>
        builder.Services.Replace(ServiceDescriptor.Singleton(new LogStream(Console.OpenStandardError)));
}
