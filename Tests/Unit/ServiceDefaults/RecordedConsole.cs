using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>A logger that writes with one of the service defaults' console formatters into a string.</summary>
internal sealed class RecordedConsole : IDisposable
{
    private readonly StringWriter _text = new() { NewLine = "\n" };
    private readonly IHost _host;

    public RecordedConsole(string formatter, TimeProvider time, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton(time);
        builder.AddServiceDefaults();
        _host = builder.Build();
        Logger = new Adapter(_host.Services.GetServices<ConsoleFormatter>().Single(item => string.Equals(item.Name, formatter, StringComparison.Ordinal)), _text);
    }

    public ILogger Logger { get; }

    public string Text => _text.ToString();

    public void Dispose()
    {
        _host.Dispose();
        _text.Dispose();
    }

    private sealed class Adapter(ConsoleFormatter formatter, TextWriter writer) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
            formatter.Write(new LogEntry<TState>(logLevel, "Some.Category", eventId, state, exception, format), scopeProvider: null, writer);
    }
}
