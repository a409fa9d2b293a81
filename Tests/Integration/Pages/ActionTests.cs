using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>What people do on the pages, without scripts, and what became of it in the services.</summary>
[Collection(SharedConsole.Name)]
public sealed class ActionTests(ConsoleWorld world)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agents_message_is_sent_once_a_person_has_granted_it()
    {
        var approval = await world.NewApprovalAsync();
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync($"/approvals/{approval.Id}", Cancellation);
        Assert.Contains(approval.ArgumentsSha256, page, StringComparison.Ordinal);
        Assert.Contains("12345678901234567890", page, StringComparison.Ordinal);

        var done = await PostAsync(client, page, "Grant this call", $"/approvals/{approval.Id}", ("Decision", "grant"));

        Assert.Contains("Granted.", done, StringComparison.Ordinal);
        await Tables.FinishedJobAsync(world.Database, approval.TaskId);
        var delivery = await Sql.ScalarAsync<Guid>(
            world.Database,
            $"""
            select delivery.id from webhooks.deliveries delivery join webhooks.messages message on message.id = message_id
            where task_id = '{approval.TaskId}' and event_type = 'issue.note'
            """);
        await Tables.FinishedJobAsync(world.Database, delivery);
        Assert.Contains(world.Server.All, request => request.Text.Contains("Look at this", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_approval_is_granted_on_the_page_that_operators_were_told_of()
    {
        var approval = await world.NewApprovalAsync();
        var told = await Eventually.GetAsync("operators are told", () => Task.FromResult(world.Operators.All
            .Select(request => JsonElement.Parse(request.Text))
            .FirstOrDefault(told => told.GetProperty("data").GetProperty("approval_id").GetGuid() == approval.Id) is
            { ValueKind: JsonValueKind.Object } found ? found.GetProperty("url").GetString() : null));
        using var client = await world.SignedInAsync();
        var path = new Uri(told).PathAndQuery;
        var page = await client.GetStringAsync(path, Cancellation);
        Assert.Contains(approval.ArgumentsSha256, page, StringComparison.Ordinal);

        await PostAsync(client, page, "Grant this call", path, ("Decision", "grant"));

        Assert.Equal(
            "granted",
            await Sql.ScalarAsync<string>(world.Database, $"select state from webhooks.approvals where id = '{approval.Id}'"));
    }

    [Fact]
    public async Task A_refusal_needs_a_reason_and_the_page_keeps_what_was_written()
    {
        var approval = await world.NewApprovalAsync();
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync($"/approvals/{approval.Id}", Cancellation);

        var asked = await PostAsync(client, page, "Grant this call", $"/approvals/{approval.Id}", ("Decision", "refuse"));
        var done = await PostAsync(
            client, page, "Grant this call", $"/approvals/{approval.Id}", ("Decision", "refuse"), ("Reason", "Not on a Sunday"));

        Assert.Contains("reason says why", asked, StringComparison.Ordinal);
        Assert.Contains("Not on a Sunday", done, StringComparison.Ordinal);
        Assert.Equal(
            "refused",
            await Sql.ScalarAsync<string>(world.Database, $"select state from webhooks.approvals where id = '{approval.Id}'"));
        var audit = await client.GetStringAsync("/audit?action=refuse", Cancellation);
        Assert.Contains($"href=\"/approvals/{approval.Id}\"", audit, StringComparison.Ordinal);
        Assert.Contains("Not on a Sunday", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_about_other_arguments_is_not_taken()
    {
        var approval = await world.NewApprovalAsync();
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync($"/tasks/{approval.TaskId}", Cancellation);

        var done = await PostAsync(
            client, page, "Grant this call", $"/tasks/{approval.TaskId}", ("Decision", "grant"), ("Hash", new string('0', 64)));

        Assert.Contains("look again at what is asked for", done, StringComparison.Ordinal);
        Assert.Equal(
            "pending",
            await Sql.ScalarAsync<string>(world.Database, $"select state from webhooks.approvals where id = '{approval.Id}'"));
    }

    [Fact]
    public async Task An_event_is_replayed_with_a_reason()
    {
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync($"/events/{world.EventId}", Cancellation);

        var done = await PostAsync(
            client, page, "Replay this event", $"/events/{world.EventId}", ("Reason", "It was only a test"));

        Assert.Contains("The replay has begun.", done, StringComparison.Ordinal);
        Assert.Contains("It was only a test", done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_match_a_filter_are_counted_first_and_then_replayed()
    {
        for (var i = 0; i < 3; i++)
        {
            await Tables.AddEventAsync(world.Database, "{}", "counted", job: "state = 'buried', finished_at = now()");
        }

        using var client = await world.SignedInAsync();
        const string Path = "/replays/new?all=true&event_type=counted&state=buried&within=1h";
        var page = await client.GetStringAsync(Path, Cancellation);
        Assert.Contains("<strong>3</strong> events", page, StringComparison.Ordinal);

        var done = await PostAsync(client, page, "Replay 3 events", Path, ("Reason", "Mended"));

        Assert.Contains("The replay has begun.", done, StringComparison.Ordinal);
        Assert.Equal(
            3, await Sql.ScalarAsync<int>(world.Database, "select event_count from webhooks.replays where reason = 'Mended'"));
    }

    [Fact]
    public async Task The_selected_events_are_replayed_and_no_other()
    {
        var ids = new[]
        {
            await Tables.AddEventAsync(world.Database, "{}", "picked"),
            await Tables.AddEventAsync(world.Database, "{}", "picked"),
        };
        await Tables.AddEventAsync(world.Database, "{}", "picked");
        using var client = await world.SignedInAsync();
        var path = $"/replays/new?id={ids[0]}&id={ids[1]}";
        var page = await client.GetStringAsync(path, Cancellation);
        Assert.Contains("<strong>2</strong> events", page, StringComparison.Ordinal);
        using var content = new FormUrlEncodedContent(
        [
            .. PageForm.Of(page, "Replay 2 events").Fields.Where(field => field.Key != "Selected"),
            new("Selected", $"{ids[0]}"), new("Selected", $"{ids[1]}"), new("Reason", "These two"),
        ]);

        using var answer = await client.PostAsync(path, content, Cancellation);

        answer.EnsureSuccessStatusCode();
        Assert.Equal(2, await Sql.CountAsync(world.Database, "webhooks.replays where reason = 'These two'"));
    }

    [Fact]
    public async Task A_delivery_is_resent()
    {
        using var client = await world.SignedInAsync();
        var path = $"/deliveries/{world.DeliveryId}?merchant={ConsoleWorld.Merchant}";
        var page = await client.GetStringAsync(path, Cancellation);

        var done = await PostAsync(client, page, "Delivers the message", path);

        Assert.Contains("The delivery is queued again.", done, StringComparison.Ordinal);
        Assert.Equal(2, await Sql.CountAsync(world.Database, $"webhooks.jobs where ref_id = '{world.DeliveryId}'"));
    }

    [Fact]
    public async Task An_endpoint_is_made_tried_rotated_stopped_started_and_deleted()
    {
        using var client = await world.SignedInAsync();
        const string New = $"/endpoints/new?merchant={ConsoleWorld.Merchant}";
        var form = await client.GetStringAsync(New, Cancellation);

        var refused = await PostAsync(
            client, form, "Make the endpoint", New, ("Url", "https://10.0.0.1/"), ("Description", "Kept"));
        Assert.Contains("value=\"Kept\"", refused, StringComparison.Ordinal);
        Assert.Contains("class=\"notice bad\"", refused, StringComparison.Ordinal);

        var made = await PostAsync(client, form, "Make the endpoint", New, ("Url", world.Server.Url.AbsoluteUri));
        Assert.Contains("whsec_", made, StringComparison.Ordinal);
        var id = made.Split("/endpoints/").Select(part => part[..Math.Min(36, part.Length)])
            .First(part => Guid.TryParse(part, out _));
        var path = $"/endpoints/{id}?merchant={ConsoleWorld.Merchant}";
        var page = await client.GetStringAsync(path, Cancellation);
        Assert.DoesNotContain("whsec_", page, StringComparison.Ordinal);

        Assert.Contains("It answers.", await PostAsync(client, page, ">Ping<", path), StringComparison.Ordinal);
        Assert.Contains(
            "whsec_", await PostAsync(client, page, ">Rotate<", path, ("Overlap", "3600")), StringComparison.Ordinal);
        Assert.Contains(
            "deliveries are queued", await PostAsync(client, page, ">Recover<", path, ("Since", "1d")),
            StringComparison.Ordinal);
        var stopped = await PostAsync(client, page, ">Deactivate<", path);
        Assert.Contains("The endpoint is inactive.", stopped, StringComparison.Ordinal);
        var started = await PostAsync(client, stopped, ">Activate<", path);
        Assert.Contains("The endpoint is active.", started, StringComparison.Ordinal);
        var deleted = await PostAsync(client, page, "Delete this endpoint", path);
        Assert.Contains("The endpoint is deleted.", deleted, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_failed_is_reactivated_with_a_reason()
    {
        var id = await Tables.AddEndpointAsync(world.Database, ConsoleWorld.Merchant, new Uri(world.Server.Url, "/failing"));
        await Sql.ExecuteAsync(
            world.Database,
            $"update webhooks.endpoints set active = false, disabled_at = now(), disabled_reason = 'failures' where id = '{id}'");
        using var client = await world.SignedInAsync();
        var path = $"/endpoints/{id}?merchant={ConsoleWorld.Merchant}";
        var page = await client.GetStringAsync(path, Cancellation);

        var done = await PostAsync(client, page, ">Reactivate<", path, ("Reason", "They mended it"));

        Assert.Contains("The endpoint is active again.", done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_message_is_published_and_a_payload_that_is_no_JSON_is_not()
    {
        using var client = await world.SignedInAsync();
        const string Path = $"/event-types?merchant={ConsoleWorld.Merchant}";
        var page = await client.GetStringAsync(Path, Cancellation);

        var refused = await PostAsync(client, page, "invoice.paid", Path, ("Payload", "{no"));
        var done = await PostAsync(client, page, "invoice.paid", Path, ("Payload", """{"test":true}"""));

        Assert.Contains("The payload is not a JSON object or array.", refused, StringComparison.Ordinal);
        Assert.Contains("{no</textarea>", refused, StringComparison.Ordinal);
        Assert.Contains("The message is published.", done, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_playbook_is_tried_with_a_made_up_event_and_makes_nothing()
    {
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync("/playbooks", Cancellation);

        var done = await PostAsync(
            client, page, "Try it", "/playbooks", ("Source", "github"), ("EventType", "made-up"),
            ("Payload", """{"title":"Try this"}"""));

        Assert.Contains("Say what the issue asks for.", done, StringComparison.Ordinal);
        Assert.Contains("Try this", done, StringComparison.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(world.Database, "webhooks.inbound_events where event_type = 'made-up'"));
    }

    [Fact]
    public async Task A_source_is_paused_and_resumed_with_a_reason()
    {
        using var client = await world.SignedInAsync();
        var page = await client.GetStringAsync("/sources", Cancellation);

        var paused = await PostAsync(client, page, "Pause stripe", "/sources", ("Reason", "Their events are wrong"));
        Assert.Contains("The source is paused.", paused, StringComparison.Ordinal);
        Assert.Contains("href=\"/events?source=stripe&amp;state=pending\"", paused, StringComparison.Ordinal);
        Assert.Contains("Paused sources", await client.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
        var resumed = await PostAsync(client, paused, "Resume stripe", "/sources", ("Reason", "They mended them"));

        Assert.Contains("The source is resumed.", resumed, StringComparison.Ordinal);
        Assert.DoesNotContain(">paused<", resumed, StringComparison.Ordinal);
        var audit = await client.GetStringAsync("/audit?object_kind=source&object_id=stripe", Cancellation);
        Assert.Contains("Their events are wrong", audit, StringComparison.Ordinal);
        Assert.Contains("They mended them", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_event_is_sent_from_the_page_of_sources_which_links_to_it()
    {
        using var client = await world.SignedInAsync();
        using var reader = await world.SignedInAsync(OperatorToken.Read);
        var page = await client.GetStringAsync("/sources", Cancellation);

        var sent = await PostAsync(client, page, "Send to shopify", "/sources", ("EventType", "orders/test"));

        var link = sent.Split("href=\"").First(part => part.StartsWith("/events/", StringComparison.Ordinal)).Split('"')[0];
        var shown = await client.GetStringAsync(link, Cancellation);
        Assert.Contains("orders/test", shown, StringComparison.Ordinal);
        Assert.Contains("Aspire.Webhooks.TestEvent", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Send to shopify", await reader.GetStringAsync("/sources", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_portal_link_shows_one_merchant_its_own_and_nothing_else()
    {
        using var client = world.NewClient();

        using var opened = await client.GetAsync(await world.NewPortalLinkAsync(), Cancellation);
        var endpoints = await opened.Content.ReadAsStringAsync(Cancellation);
        var delivery = await client.GetStringAsync($"/portal/deliveries/{world.DeliveryId}", Cancellation);
        using var operators = await world.NewClient(follow: false).GetAsync("/events", Cancellation);
        var other = await Sql.ScalarAsync<Guid>(world.Database, "select id from webhooks.endpoints where merchant_id = 'other'");
        using var theirs = await client.GetAsync($"/portal/endpoints/{other}", Cancellation);

        Assert.Equal("/portal/endpoints", opened.RequestMessage!.RequestUri!.PathAndQuery);
        Assert.Contains($"/portal/endpoints/{world.EndpointId}", endpoints, StringComparison.Ordinal);
        Assert.DoesNotContain("/broken", endpoints, StringComparison.Ordinal);
        Assert.DoesNotContain("/approvals", endpoints, StringComparison.Ordinal);
        Assert.Contains("Attempt 1", delivery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, operators.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, theirs.StatusCode);
    }

    private static async Task<string> PostAsync(
        HttpClient client, string page, string form, string path, params (string Name, string Value)[] values)
    {
        using var answer = await PageForm.Of(page, form).PostAsync(client, path, values);
        var html = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {html}");
        return html;
    }
}
