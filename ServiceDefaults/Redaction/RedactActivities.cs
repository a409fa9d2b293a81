using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Redacts spans when they end: name, status, trace state, tags, events and links. Baggage is not exported.</summary>
internal sealed class RedactActivities(Redactor redactor) : BaseProcessor<Activity>
{
    // Compared with what is stored, as playbooks, listeners and filters do.
    private static readonly string[] Identifiers = ["webhook.event_type", "webhook.delivery_id"];

    // An activity's events and links can be added to but not changed through its public surface.
    private static readonly FieldInfo? Events = FieldOf("_events");
    private static readonly FieldInfo? Links = FieldOf("_links");

    public override void OnEnd(Activity data)
    {
        data.DisplayName = redactor.Redact(data.DisplayName);
        if (data.StatusDescription is { } description)
        {
            data.SetStatus(data.Status, redactor.Redact(description));
        }

        if (data.TraceStateString is { } state)
        {
            data.TraceStateString = redactor.Redact(state);
        }

        // Collected, because a tag must not be set while tags are enumerated. Few spans have a tag that changes.
        List<KeyValuePair<string, object?>>? changes = null;
        foreach (ref readonly var tag in data.EnumerateTagObjects())
        {
            var redacted = tag.Value is string text && Identifiers.Contains(tag.Key, StringComparer.Ordinal)
                ? redactor.RedactKnown(text)
                : redactor.RedactValue(tag.Key, tag.Value);
            if (!ReferenceEquals(redacted, tag.Value))
            {
                (changes ??= []).Add(new(tag.Key, redacted));
            }
        }

        foreach (var (key, value) in changes ?? [])
        {
            data.SetTag(key, value);
        }

        Rewrite(data, Events, data.Events, Redacted, item => data.AddEvent(item));
        Rewrite(data, Links, data.Links, Redacted, item => data.AddLink(item));
    }

    private (ActivityEvent Item, bool Changed) Redacted(ActivityEvent item)
    {
        var name = redactor.Redact(item.Name);
        var (tags, changed) = Redacted(item.Tags);
        return (new ActivityEvent(name, item.Timestamp, tags), changed || !ReferenceEquals(name, item.Name));
    }

    private (ActivityLink Item, bool Changed) Redacted(ActivityLink item)
    {
        var (tags, changed) = Redacted(item.Tags ?? []);
        return (new ActivityLink(item.Context, tags), changed);
    }

    private (ActivityTagsCollection Tags, bool Changed) Redacted(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        ActivityTagsCollection redacted = [];
        var changed = false;
        foreach (var (key, value) in tags)
        {
            redacted[key] = redactor.RedactValue(key, value);
            changed |= !ReferenceEquals(redacted[key], value);
        }

        return (redacted, changed);
    }

    private static void Rewrite<T>(
        Activity data, FieldInfo? field, IEnumerable<T> items, Func<T, (T Item, bool Changed)> redact, Action<T> add)
    {
        // Nearly all spans have neither events nor links.
        if (!items.Any())
        {
            return;
        }

        var redacted = items.Select(redact).ToList();
        if (!redacted.Exists(item => item.Changed))
        {
            return;
        }

        if (field is null)
        {
            // Better no span than a secret in one: exporters skip what is not recorded.
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        field.SetValue(data, null);
        redacted.ForEach(item => add(item.Item));
    }

    private static FieldInfo? FieldOf(string name) =>
        typeof(Activity).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);
}
