using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What a source of phone messages accepts, and what is visible when it has answered.</summary>
public sealed class MessageTests(MessageReceiver receiver) : IClassFixture<MessageReceiver>
{
    [Fact]
    public async Task Each_of_many_messages_at_once_is_visible_right_after_its_own_answer()
    {
        var senders = Enumerable.Range(0, 60).Select(_ => MessageReceiver.NewNumber()).ToList();

        var seen = await Task.WhenAll(senders.Select(async sender =>
        {
            var answer = await receiver.PostAsync(sender);
            var list = await receiver.GetAsync($"/messages?from=%2B{sender[1..]}");
            return (answer.Status, list.GetProperty("total").GetInt32());
        }));

        Assert.All(seen, each => Assert.Equal((HttpStatusCode.OK, 1), each));
        Assert.Equal(60, senders.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_message_is_shown_as_it_was_sent()
    {
        var sender = MessageReceiver.NewNumber();
        var id = Delivery.NewId();
        await receiver.PostAsync(sender, id, "2025-12-07T11:30:00+01:00", "Hello, \"World\"! 🎉");

        var shown = Assert.Single(
            (await receiver.GetAsync($"/messages?from=%2B{sender[1..]}")).GetProperty("data").EnumerateArray());

        Assert.Equal(
            ["message_id", "from_msisdn", "to_msisdn", "ts", "text", "created_at"],
            shown.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);
        Assert.Equal(id, shown.GetProperty("message_id").GetString());
        Assert.Equal(sender, shown.GetProperty("from_msisdn").GetString());
        Assert.Equal("+14155552672", shown.GetProperty("to_msisdn").GetString());
        Assert.Equal("2025-12-07T10:30:00Z", shown.GetProperty("ts").GetString());
        Assert.Equal("Hello, \"World\"! 🎉", shown.GetProperty("text").GetString());
        Assert.EndsWith("Z", shown.GetProperty("created_at").GetString(), StringComparison.Ordinal);
        Assert.InRange(
            shown.GetProperty("created_at").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddHours(-1),
            TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData("Re: the token: it is at reception")]
    [InlineData("Your password: see the mail. The secret is out!")]
    [InlineData("password=hunter2; bearer of good news, api_key: none")]
    [InlineData("{\"token\":\"at the desk\",\"password\":\"abc\"}")]
    [InlineData("curl -u me:my-password https://example.com/?token=abcdef")]
    public async Task A_text_is_listed_and_found_as_it_was_sent_whatever_it_sounds_like(string text)
    {
        var sender = MessageReceiver.NewNumber();

        await receiver.PostAsync(sender, $"token:{Delivery.NewId()}", text: text);

        Assert.Equal(text, await TextAsync($"/messages?from=%2B{sender[1..]}"));
        Assert.Equal(text, await TextAsync($"/messages?from=%2B{sender[1..]}&q={Uri.EscapeDataString(text)}"));
    }

    [Fact]
    public async Task What_is_a_credential_by_itself_or_a_configured_secret_is_never_listed()
    {
        var sender = MessageReceiver.NewNumber();
        var secrets = Canaries.All.Values.Append(Services.StandardSecret).Append(Services.ProviderSecret).ToList();

        foreach (var secret in secrets)
        {
            await receiver.PostAsync(sender, text: $"the token: {secret} 🎉");
        }

        var shown = (await receiver.GetAsync($"/messages?from=%2B{sender[1..]}&limit=100")).GetProperty("data");
        Assert.Equal(secrets.Count, shown.GetArrayLength());
        Assert.All(shown.EnumerateArray(), message =>
        {
            var text = message.GetProperty("text").GetString()!;
            Assert.StartsWith("the token: ", text, StringComparison.Ordinal);
            Assert.EndsWith("***redacted*** 🎉", text, StringComparison.Ordinal);
            Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_text_of_4000_emoji_loses_nothing_but_the_credential_behind_them()
    {
        var (sender, other) = (MessageReceiver.NewNumber(), MessageReceiver.NewNumber());
        var emoji = string.Concat(Enumerable.Repeat("🎉", 4000));

        await receiver.PostAsync(sender, text: $"{emoji} password: x1");
        await receiver.PostAsync(other, $"token:{Delivery.NewId()}", text: $"{emoji} {Services.ProviderSecret}");

        Assert.Equal($"{emoji} password: x1", await TextAsync($"/messages?from=%2B{sender[1..]}"));
        Assert.Equal($"{emoji} ***redacted***", await TextAsync($"/messages?from=%2B{other[1..]}"));
    }

    [Fact]
    public async Task A_duplicate_message_is_answered_200_and_changes_nothing()
    {
        var (sender, other) = (MessageReceiver.NewNumber(), MessageReceiver.NewNumber());
        var id = Delivery.NewId();

        var first = await receiver.PostAsync(sender, id, text: "first");
        var again = await receiver.PostAsync(sender, id, text: "first");
        var changed = await receiver.PostAsync(other, id, text: "changed");

        Assert.All([first, again, changed], answer => Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), (answer.Status, answer.Body)));
        Assert.Equal(
            "first",
            await Sql.ScalarAsync<string>(
            receiver.Database, $"select text from webhooks.messages_inbox where message_id = '{id}'"));
        Assert.Equal(1, await CountAsync(sender));
        Assert.Equal(0, await CountAsync(other));
    }

    [Fact]
    public async Task A_hundred_posts_of_one_message_at_once_are_one_message()
    {
        var sender = MessageReceiver.NewNumber();
        var id = Delivery.NewId();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => receiver.PostAsync(sender, id)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(1, await CountAsync(sender));
        Assert.Equal(1, await Sql.CountAsync(
            receiver.Database, $"webhooks.jobs j join webhooks.inbound_events e on e.id = j.ref_id where delivery_id = '{id}'"));
    }

    [Fact]
    public async Task Messages_and_other_events_in_one_commit_are_all_stored_each_in_its_place()
    {
        var sender = MessageReceiver.NewNumber();
        var ids = Enumerable.Range(0, 40).Select(_ => Delivery.NewId()).ToList();

        var answers = await Task.WhenAll(ids.Select((id, n) =>
            n % 2 == 0 ? receiver.PostAsync(sender, id) : receiver.Client.PostAsync(SignedRequest.GitHub(Delivery.Body, id))));

        Assert.All(answers, answer => Assert.InRange((int)answer.Status, 200, 202));
        Assert.Equal(20, await CountAsync(sender));
        Assert.Equal(
            40, await Sql.CountAsync(
                receiver.Database, $"webhooks.inbound_events where delivery_id in ('{string.Join("', '", ids)}')"));
    }

    [Fact]
    public async Task A_message_with_bad_fields_is_answered_422_with_each_of_them_and_nothing_is_stored()
    {
        const string Mark = "quoted-from-the-sender";
        var id = Delivery.NewId();

        var answer = await receiver.PostBodyAsync($$"""{"message_id":"{{id}}","from":"{{Mark}}","ts":"{{Mark}}","text":7}""");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json"), (answer.Status, answer.ContentType));
        var problem = JsonElement.Parse(answer.Body);
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.Equal(
            ["from", "text", "to", "ts"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name),
            StringComparer.Ordinal);
        Assert.Equal("It is missing.", problem.GetProperty("errors").GetProperty("to")[0].GetString());
        Assert.Equal(32, problem.GetProperty("trace_id").GetString()!.Length);
        Assert.DoesNotContain(Mark, answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(receiver.Database, $"webhooks.inbound_events where delivery_id = '{id}'"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"message_id":"m","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00","text":"no zone"}""")]
    [InlineData("""{"message_id":"m","from":"+14155552671","to":"4155552672","ts":"2025-12-07T10:30:00Z"}""")]
    [InlineData("""{"message_id":"m","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z","text":"a\u0000b"}""")]
    public async Task Other_bodies_that_are_no_message_are_answered_422(string body) =>
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await receiver.PostBodyAsync(body)).Status);

    [Fact]
    public async Task A_text_of_4096_characters_beyond_the_basic_plane_is_stored_and_one_more_is_answered_422()
    {
        var sender = MessageReceiver.NewNumber();
        var longest = new StringBuilder().Insert(0, "🎉", 4096).ToString();

        Assert.Equal(HttpStatusCode.OK, (await receiver.PostAsync(sender, text: longest)).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await receiver.PostAsync(sender, text: longest + "x")).Status);
        Assert.Equal(1, await CountAsync(sender));
    }

    [Fact]
    public async Task A_message_of_the_first_and_of_the_last_moment_is_stored_and_shown()
    {
        var sender = MessageReceiver.NewNumber();
        await receiver.PostAsync(sender, ts: "9999-12-31T23:59:59.999999999Z");
        await receiver.PostAsync(sender, ts: "0001-01-01T00:00:00.000001Z");

        var shown = (await receiver.GetAsync($"/messages?from=%2B{sender[1..]}")).GetProperty("data").EnumerateArray();

        Assert.Equal(
            ["0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"], shown.Select(m => m.GetProperty("ts").GetString()),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_forged_message_is_answered_401_before_its_fields_are_looked_at()
    {
        var request = Delivery.Signed("messages", "unused", "{}"u8.ToArray(), path: "/webhooks/phone")
            .With("X-Signature", new string('0', 64));

        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Client.PostAsync(request)).Status);
    }

    private async Task<string?> TextAsync(string path) =>
        Assert.Single((await receiver.GetAsync(path)).GetProperty("data").EnumerateArray()).GetProperty("text").GetString();

    private async Task<long> CountAsync(string sender) =>
        (await receiver.GetAsync($"/messages?from=%2B{sender[1..]}&limit=1")).GetProperty("total").GetInt64();
}
