using System.Buffers;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>A logger that writes as the console does in an environment, into a string.</summary>
internal sealed class RecordedConsole : IDisposable
{
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly IHost _host;

    public RecordedConsole(string environment, TimeProvider time, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton(time);
        builder.AddServiceDefaults();
        _host = builder.Build();
        Logger = new Adapter(_host.Services.GetRequiredService<LineFormatter>(), _text);
    }

    public ILogger Logger { get; }

    public string Text => Encoding.UTF8.GetString(_text.WrittenSpan);

    public void Dispose() => _host.Dispose();

    private sealed class Adapter(LineFormatter formatter, IBufferWriter<byte> text) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
            formatter.Write(new LogEntry<TState>(logLevel, "Some.Category", eventId, state, exception, format), text);
    }
}
