using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;

namespace Aspire.Webhooks.Redaction;

/// <summary>Redacts spans when they end: name, status, tags and events.</summary>
internal sealed class RedactActivities(Redactor redactor) : BaseProcessor<Activity>
{
    // An activity's events can be added to but not changed through its public surface.
    private static readonly FieldInfo? Events = typeof(Activity).GetField("_events", BindingFlags.Instance | BindingFlags.NonPublic);

    public override void OnEnd(Activity data)
    {
        data.DisplayName = redactor.Redact(data.DisplayName);
        if (data.StatusDescription is { } description)
        {
            data.SetStatus(data.Status, redactor.Redact(description));
        }

        foreach (var (key, value) in data.TagObjects.ToArray())
        {
            var redacted = redactor.RedactValue(key, value);
            if (!ReferenceEquals(redacted, value))
            {
                data.SetTag(key, redacted);
            }
        }

        RedactEvents(data);
    }

    private void RedactEvents(Activity data)
    {
        var changed = false;
        List<ActivityEvent> events = [];
        foreach (var item in data.Events)
        {
            var name = redactor.Redact(item.Name);
            changed |= !ReferenceEquals(name, item.Name);
            ActivityTagsCollection tags = [];
            foreach (var (key, value) in item.Tags)
            {
                tags[key] = redactor.RedactValue(key, value);
                changed |= !ReferenceEquals(tags[key], value);
            }

            events.Add(new ActivityEvent(name, item.Timestamp, tags));
        }

        if (!changed)
        {
            return;
        }

        if (Events is null)
        {
            // Better no span than a secret in one: exporters skip what is not recorded.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        Events.SetValue(data, null);
        events.ForEach(item => data.AddEvent(item));
    }
}
