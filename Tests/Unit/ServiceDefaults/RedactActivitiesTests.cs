using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>
/// Events and links of a span can only be changed in private fields of <see cref="Activity"/>. These tests fail when another
/// version of .NET has no such fields; spans with a secret in an event or a link would not be exported then.
/// </summary>
public sealed class RedactActivitiesTests
{
    private const string Secret = "hunter2-of-the-shop";

    private readonly RedactActivities _processor = new(new Redactor([Secret]));

    [Fact]
    public void A_span_with_a_secret_in_an_event_is_exported_without_it()
    {
        using var activity = Recorded();
        activity.AddEvent(new ActivityEvent("kept", tags: new ActivityTagsCollection { ["note"] = $"It is {Secret}." }));

        _processor.OnEnd(activity);

        Assert.True(activity.Recorded);
        var item = Assert.Single(activity.Events);
        Assert.Equal(("kept", $"It is {Redactor.Replacement}."), (item.Name, Assert.Single(item.Tags).Value));
    }

    [Fact]
    public void A_span_with_a_secret_in_a_link_is_exported_without_it()
    {
        using var activity = Recorded();
        activity.AddLink(new ActivityLink(default, new ActivityTagsCollection { ["note"] = $"It is {Secret}." }));

        _processor.OnEnd(activity);

        Assert.True(activity.Recorded);
        Assert.Equal($"It is {Redactor.Replacement}.", Assert.Single(Assert.Single(activity.Links).Tags!).Value);
    }

    private static Activity Recorded() =>
        new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.SetIdFormat(ActivityIdFormat.W3C).Start();
}
