using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary><c>GET /messages</c> and <c>GET /stats</c>, each test on a Receiver and a database of its own.</summary>
public sealed class MessageListTests(TestStack stack) : IAsyncLifetime
{
    private const string One = "+14155550001";
    private const string Two = "+14155550002";

    private readonly MessageReceiver _receiver = new(stack);

    public ValueTask InitializeAsync() => _receiver.InitializeAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task Without_messages_the_list_is_empty_and_the_stats_are_null()
    {
        Assert.Equal("""{"data":[],"total":0}""", (await _receiver.GetAsync("/messages")).GetRawText());
        Assert.Equal(
            """{"total_messages":0,"senders_count":0,"messages_per_sender":[],"first_message_ts":null,"last_message_ts":null}""",
            (await _receiver.GetAsync("/stats")).GetRawText());
    }

    [Fact]
    public async Task A_message_is_visible_in_messages_and_stats_right_after_its_answer()
    {
        for (var n = 1; n <= 10; n++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _receiver.PostAsync(One)).Status);
            Assert.Equal(n, (await _receiver.GetAsync("/stats")).GetProperty("total_messages").GetInt32());
            Assert.Equal(n, (await _receiver.GetAsync("/messages")).GetProperty("total").GetInt32());
        }
    }

    [Theory]
    [InlineData("/messages")]
    [InlineData("/stats")]
    public async Task Elsewhere_than_in_Development_they_ask_for_a_token_that_may_read_events(string path)
    {
        await using var production = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Production"),
            ("Webhooks:Sources:github:Scheme", "github"));
        using var stranger = production.NewClient();
        using var other = production.NewClient().With(OperatorToken.Create(OperatorToken.Scope("nothing")));
        using var reader = production.NewClient().With(OperatorToken.Read);

        var statuses = await Task.WhenAll(new[] { stranger, other, reader }.Select(async client =>
        {
            using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }));

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.OK], statuses);
    }

    [Fact]
    public async Task Messages_are_ordered_by_their_time_and_then_by_the_bytes_of_their_ids()
    {
        (string Id, string Ts)[] sent =
        [
            ("c", "2025-12-07T10:30:00Z"), ("é", "2025-12-07T10:30:00Z"), ("B", "2025-12-07T10:30:00Z"),
            ("a", "2025-12-07T11:30:00+01:00"), ("msg_10", "2025-12-07T10:30:00Z"), ("msg_9", "2025-12-07T10:30:00Z"),
            ("z", "2025-12-07T10:29:59.999999Z"), ("A", "2025-12-07T10:30:00.000001Z"),
        ];
        foreach (var (id, ts) in sent)
        {
            await _receiver.PostAsync(One, id, ts);
        }

        Assert.Equal(["z", "B", "a", "c", "msg_10", "msg_9", "é", "A"], await IdsAsync("/messages"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gaps_and_the_total_is_that_of_all()
    {
        await Task.WhenAll(Enumerable.Range(0, 25).Select(n => _receiver.PostAsync(One, $"m{n:D2}")));

        var pages = new List<string?>();
        foreach (var offset in new[] { 0, 10, 20, 30 })
        {
            var page = await _receiver.GetAsync($"/messages?limit=10&offset={offset}");
            Assert.Equal(25, page.GetProperty("total").GetInt32());
            pages.AddRange(Ids(page));
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(n => $"m{n:D2}"), pages, StringComparer.Ordinal);
        Assert.Equal(25, (await _receiver.GetAsync("/messages?offset=9223372036854775807")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Fifty_are_shown_unless_fewer_or_up_to_a_hundred_are_asked_for()
    {
        await Task.WhenAll(Enumerable.Range(0, 101).Select(n => _receiver.PostAsync(One, $"m{n:D3}")));

        Assert.Equal(50, (await IdsAsync("/messages")).Count);
        Assert.Equal(100, (await IdsAsync("/messages?limit=100")).Count);
        Assert.Equal(["m000"], await IdsAsync("/messages?limit=1"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Filters_narrow_the_data_and_the_total_alike()
    {
        await _receiver.PostAsync(One, "a", "2025-12-07T09:59:59.999999Z", "Hello early");
        await _receiver.PostAsync(One, "b", "2025-12-07T10:00:00Z", "Hello sharp");
        await _receiver.PostAsync(Two, "c", "2025-12-07T10:00:01Z", "Hello other");
        await _receiver.PostAsync(One, "d", "2025-12-07T10:00:02Z", "Bye");
        await _receiver.PostAsync(One, "e", "2025-12-07T10:00:03Z", null);

        await ExpectAsync("from=%2B14155550001", "a", "b", "d", "e");
        await ExpectAsync("from=%2B14155550009");
        await ExpectAsync("since=2025-12-07T10:00:00Z", "b", "c", "d", "e");
        await ExpectAsync("since=2025-12-07T11:00:00%2B01:00", "b", "c", "d", "e");
        await ExpectAsync("q=Hello", "a", "b", "c");
        await ExpectAsync("q=", "a", "b", "c", "d", "e");
        await ExpectAsync("from=%2B14155550001&since=2025-12-07T10:00:00Z&q=hello&limit=5", "b");
        var page = await _receiver.GetAsync("/messages?from=%2B14155550001&limit=1&offset=1");
        Assert.Equal((4, "b"), (page.GetProperty("total").GetInt32(), Assert.Single(Ids(page))));
    }

    [Fact]
    public async Task Text_is_found_in_any_case_and_wildcards_are_text()
    {
        await _receiver.PostAsync(One, "a", text: "100% sure");
        await _receiver.PostAsync(One, "b", text: "100 percent");
        await _receiver.PostAsync(One, "c", text: "snake_case");
        await _receiver.PostAsync(One, "d", text: "snakeXcase");
        await _receiver.PostAsync(One, "e", text: @"C:\temp");
        await _receiver.PostAsync(One, "f", text: "GRÜSSE ПРИВЕТ 🎉");
        await _receiver.PostAsync(One, "g", text: "it's; drop table");

        await ExpectAsync("q=100%25", "a");
        await ExpectAsync("q=%25", "a");
        await ExpectAsync("q=SNAKE_C", "c");
        await ExpectAsync("q=_", "c");
        await ExpectAsync("q=%5C", "e");
        await ExpectAsync("q=c:%5CTEMP", "e");
        await ExpectAsync("q=%5C%25");
        await ExpectAsync("q=grüsse", "f");
        await ExpectAsync("q=привет", "f");
        await ExpectAsync("q=🎉", "f");
        await ExpectAsync("q=it's;", "g");
        await ExpectAsync("q=100%25+s", "a");
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("from=+14155552671", "from")]
    [InlineData("from=14155552671", "from")]
    [InlineData("since=yesterday", "since")]
    [InlineData("since=2025-12-07T10:00:00", "since")]
    [InlineData("q=%00", "q")]
    [InlineData("limit=0&offset=x&from=x&since=x&q=%00", "from limit offset q since")]
    public async Task A_query_that_makes_no_sense_is_answered_422_with_each_field(string query, string fields)
    {
        using var answer = await _receiver.Client.GetAsync($"/messages?{query}", TestContext.Current.CancellationToken);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal(
            fields.Split(' '), problem.GetProperty("errors").EnumerateObject().Select(error => error.Name),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_stats_show_the_ten_who_sent_most_and_of_equals_the_smaller_number_first()
    {
        // Sender n sends max(1, 4 - n) messages; nine of the twelve send one.
        var senders = Enumerable.Range(0, 12).Select(n => $"+1415555{1011 - n}").ToList();
        await Task.WhenAll(senders.SelectMany((sender, n) =>
            Enumerable.Range(0, Math.Max(1, 4 - n))
                .Select(m => _receiver.PostAsync(sender, ts: $"2025-12-{m + n + 1:D2}T10:30:00Z"))));

        var stats = await _receiver.GetAsync("/stats");

        Assert.Equal((18, 12), (stats.GetProperty("total_messages").GetInt32(), stats.GetProperty("senders_count").GetInt32()));
        var top = stats.GetProperty("messages_per_sender").EnumerateArray()
            .Select(entry => (entry.GetProperty("from_msisdn").GetString(), entry.GetProperty("count").GetInt32()));
        (string?, int)[] expected = [
            (senders[0], 4), (senders[1], 3), (senders[2], 2),
            .. senders.Skip(3).Order(StringComparer.Ordinal).Take(7).Select(s => (s, 1))];
        Assert.Equal(expected, top);
        Assert.Equal("2025-12-01T10:30:00Z", stats.GetProperty("first_message_ts").GetString());
        Assert.Equal("2025-12-12T10:30:00Z", stats.GetProperty("last_message_ts").GetString());
    }

    [Fact]
    public async Task While_messages_come_in_no_page_is_longer_than_its_total()
    {
        var posting = Task.WhenAll(Enumerable.Range(0, 90).Select(n => _receiver.PostAsync(One, $"m{n:D2}")));
        var reading = ReadUntilAsync(posting);

        await posting;

        Assert.All(await reading, page => Assert.Equal(page.GetProperty("total").GetInt32(), Ids(page).Count()));
    }

    private async Task<List<JsonElement>> ReadUntilAsync(Task end)
    {
        var pages = new List<JsonElement>();
        do
        {
            pages.Add(await _receiver.GetAsync("/messages?limit=100"));
        }
        while (!end.IsCompleted);
        return pages;
    }

    private async Task ExpectAsync(string query, params string[] ids)
    {
        var page = await _receiver.GetAsync($"/messages?{query}");
        Assert.Equal(ids, Ids(page), StringComparer.Ordinal);
        Assert.Equal(ids.Length, page.GetProperty("total").GetInt32());
    }

    private async Task<List<string?>> IdsAsync(string path) => [.. Ids(await _receiver.GetAsync(path))];

    private static IEnumerable<string?> Ids(JsonElement page) =>
        page.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("message_id").GetString());
}
