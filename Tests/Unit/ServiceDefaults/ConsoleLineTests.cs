using System.Diagnostics;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed partial class ConsoleLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 5, 4, 3, 210, TimeSpan.Zero);

    [Fact]
    public void A_json_line_has_every_field()
    {
        using var console = new RecordedConsole(Environments.Production, new FixedTime());
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        Accepted(console.Logger, "git\nhub", 3, 1.5, accepted: true, Now, note: null, new InvalidOperationException("boom\nbang"));

        Assert.Equal(console.Text.Length - 1, console.Text.IndexOf('\n', StringComparison.Ordinal));
        var line = JsonDocument.Parse(console.Text).RootElement;
        Assert.Equal("2026-11-22T05:04:03.210Z", line.GetProperty("ts").GetString());
        Assert.Equal("warn", line.GetProperty("level").GetString());
        Assert.Equal("Some.Category", line.GetProperty("category").GetString());
        Assert.Equal(9101, line.GetProperty("event_id").GetInt32());
        Assert.Equal("Accepted", line.GetProperty("event").GetString());
        Assert.StartsWith("accepted git\nhub 3", line.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(activity.TraceId.ToHexString(), line.GetProperty("trace_id").GetString());
        Assert.Equal(activity.SpanId.ToHexString(), line.GetProperty("span_id").GetString());
        Assert.Contains("boom\nbang", line.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            """{"source":"git\nhub","count":3,"ratio":1.5,"accepted":true,"at":"2026-11-22T05:04:03.21+00:00","note":null}""",
            line.GetProperty("state").GetRawText());
    }

    [Fact]
    public void A_json_line_leaves_out_what_the_entry_does_not_have()
    {
        using var console = new RecordedConsole(Environments.Production, new FixedTime());

        console.Logger.Log(LogLevel.Information, default, "plain", exception: null, (state, _) => state);

        Assert.Equal(
            """{"ts":"2026-11-22T05:04:03.210Z","level":"info","category":"Some.Category","event_id":0,"message":"plain"}""" + "\n",
            console.Text);
    }

    [Fact]
    public void A_text_line_is_for_a_developer()
    {
        using var console = new RecordedConsole(Environments.Development, new FixedTime());

        console.Logger.Log(LogLevel.Warning, default, "plain", exception: null, (state, _) => state);

        Assert.Equal("05:04:03.210 WARN Category: plain\n", console.Text);
    }

    [Theory]
    [InlineData("Development", typeof(TextLineFormatter))]
    [InlineData("Production", typeof(JsonLineFormatter))]
    [InlineData("Staging", typeof(JsonLineFormatter))]
    public void Only_development_has_text_lines(string environment, Type formatter)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.AddServiceDefaults();
        using var host = builder.Build();

        Assert.IsType(formatter, host.Services.GetRequiredService<LineFormatter>());
        Assert.Equal(
            "LineConsole OpenTelemetryLoggerProvider",
            string.Join(' ', host.Services.GetServices<ILoggerProvider>().Select(provider => provider.GetType().Name).Order(StringComparer.Ordinal)));
    }

    [LoggerMessage(9101, LogLevel.Warning, "accepted {source} {count} {ratio} {accepted} {at} {note}")]
    static partial void Accepted(
        ILogger logger, string source, int count, double ratio, bool accepted, DateTimeOffset at, string? note, Exception error);

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
