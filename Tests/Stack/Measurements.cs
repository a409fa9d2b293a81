using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>One measurement of one instrument.</summary>
/// <param name="IsMine">Whether it was made in the flow of the test: by it, or by what it started.</param>
internal sealed record Measurement(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags, bool IsMine)
{
    public bool Has(string tag, string value) => Tags.TryGetValue(tag, out var found) && Equals(found, value);
}

/// <summary>
/// What is measured from now on. The meter is the process's, and other tests measure at the same time: what a host that was
/// started after this one does in the background is told from theirs by the flow of execution, as is what the test itself does.
/// Requests that come through a socket are nobody's.
/// </summary>
internal sealed class Measurements : IDisposable
{
    private static readonly AsyncLocal<Measurements?> Flow = new();

    private readonly MeterListener _listener;
    private readonly ConcurrentQueue<Measurement> _all = [];

    public Measurements()
    {
        Flow.Value = this;
        _listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == WebhookTelemetry.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>An instrument's, whoever made them.</summary>
    public IReadOnlyList<Measurement> All(string instrument) => [.. _all.Where(one => one.Instrument == instrument)];

    /// <summary>An instrument's that were made in the flow of the test.</summary>
    public IReadOnlyList<Measurement> Mine(string instrument) => [.. All(instrument).Where(one => one.IsMine)];

    /// <summary>Waits until so many were made in the flow of the test.</summary>
    public Task MineAsync(string instrument, int count) => Eventually.HoldsAsync(
        $"{instrument} is measured {count} times", () => Task.FromResult(Mine(instrument).Count >= count));

    public void Dispose() => _listener.Dispose();

    // A counter counts 0 at the start of a service, so that its series exists.
    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (value != 0 || instrument is not Counter<long>)
        {
            _all.Enqueue(new(
                instrument.Name, value, tags.ToArray().ToDictionary(StringComparer.Ordinal), ReferenceEquals(Flow.Value, this)));
        }
    }
}
