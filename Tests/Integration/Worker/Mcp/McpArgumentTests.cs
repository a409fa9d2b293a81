using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker.Mcp;

/// <summary>Arguments that a tool does not have, lacks or cannot read: the answer says which, in the caller's words.</summary>
public sealed class McpArgumentTests(McpArgumentTests.Session session) : IClassFixture<McpArgumentTests.Session>
{
    private const string None = "00000000-0000-0000-0000-000000000000";
    private const string Token = "ghp_0123456789abcdefghijABCDEFGHIJklmnop";

    [Fact]
    public async Task Each_tool_says_that_it_has_no_other_arguments_and_refuses_any()
    {
        var tools = (await session.Server.ListToolsAsync()).GetProperty("tools").EnumerateArray().ToList();

        Assert.Equal(10, tools.Count);
        foreach (var tool in tools)
        {
            var (name, schema) = (tool.GetProperty("name").GetString()!, tool.GetProperty("inputSchema"));
            Assert.Equal(JsonValueKind.False, schema.GetProperty("additionalProperties").ValueKind);
            var known = schema.GetProperty("properties").EnumerateObject().Select(property => property.Name).ToList();

            var error = await ErrorAsync(name, new { nonsense = 1 });

            Assert.Contains("There is no 'nonsense'; the tool has ", error, StringComparison.Ordinal);
            Assert.All(known, argument => Assert.Contains($"'{argument}'", error, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("list_events", """{"type":"push"}""", "There is no 'type'; the tool has 'source', 'event_type', ")]
    [InlineData("list_events", """{"status":"buried"}""", "There is no 'status'; ")]
    [InlineData("list_tasks", """{"event":"x"}""", "There is no 'event'; ")]
    [InlineData("list_tasks", """{"Limit":1}""", "There is no 'Limit'; ")]
    [InlineData(
        "read_event", $$"""{"event_id":"{{None}}","path":"/title"}""",
        "There is no 'path'; the tool has 'event_id', 'pointer', 'offset'.")]
    [InlineData("read_event", "{}", "'event_id' is missing.")]
    [InlineData("complete_task", $$"""{"task_id":"{{None}}","summary":"x"}""", "'lease_token' is missing.")]
    [InlineData("list_events", """{"limit":"many"}""", "'limit' is a whole number.")]
    [InlineData("list_events", """{"limit":1.5}""", "'limit' is a whole number.")]
    [InlineData("list_events", """{"limit":99999999999}""", "'limit' is a whole number.")]
    [InlineData("list_events", """{"source":1}""", "'source' is a text.")]
    [InlineData("list_tasks", """{"claimable":"maybe"}""", "'claimable' is true or false.")]
    [InlineData("read_event", """{"event_id":["x"]}""", "'event_id' is a text.")]
    [InlineData(
        "complete_task", $$"""{"task_id":"{{None}}","lease_token":"{{None}}","summary":"x","facts":"none"}""",
        "'facts' is a JSON object.")]
    [InlineData(
        "complete_task", $$"""{"task_id":"{{None}}","lease_token":"{{None}}","summary":"x","facts":{"a":1} }""",
        "'facts.a' is a text.")]
    [InlineData(
        "request_approval", $$"""{"task_id":"{{None}}","lease_token":"{{None}}","action":"act","arguments":[]}""",
        "'arguments' is a JSON object.")]
    public async Task Arguments_that_do_not_fit_are_named_without_a_type_of_the_runtime(
        string tool, string arguments, string error)
    {
        var said = await ErrorAsync(tool, JsonElement.Parse(arguments));

        Assert.StartsWith("The arguments do not fit: ", said, StringComparison.Ordinal);
        Assert.Contains(error, said, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Dictionary", said, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_type_that_only_sounds_like_a_credential_is_shown_and_finds_its_events()
    {
        var id = await Tables.AddEventAsync(session.Database, """{"password":"hunter2"}""", "password:reset");

        var listed = JsonElement.Parse(
            McpServer.Text(await session.Server.CallAsync("list_events", new { event_type = "password:reset" })));
        var shown = McpServer.Text(await session.Server.CallAsync("read_event", new { event_id = id }));

        var only = Assert.Single(listed.GetProperty("data").EnumerateArray());
        Assert.Equal((id, "password:reset"), (only.GetProperty("id").GetGuid(), only.GetProperty("event_type").GetString()));
        Assert.Equal("password:reset", JsonElement.Parse(shown).GetProperty("event_type").GetString());
    }

    [Fact]
    public async Task An_event_is_found_by_an_id_that_is_stored_as_its_hash()
    {
        var id = await Tables.AddEventAsync(session.Database, "{}", $"issues.{Token}");
        await Sql.ExecuteAsync(
            session.Database,
            $"update webhooks.inbound_events set delivery_id = 'sha256:' || encode(sha256('d-{Token}'), 'hex'), "
            + $"event_type = 'issues.***redacted***' where id = '{id}'");

        foreach (var filter in new object[] { new { delivery_id = $"d-{Token}" }, new { event_type = $"issues.{Token}" } })
        {
            var listed = JsonElement.Parse(McpServer.Text(await session.Server.CallAsync("list_events", filter)));
            Assert.Equal(id, Assert.Single(listed.GetProperty("data").EnumerateArray()).GetProperty("id").GetGuid());
            Assert.DoesNotContain(Token, listed.GetRawText(), StringComparison.Ordinal);
        }
    }

    private async Task<string> ErrorAsync(string tool, object arguments)
    {
        var answer = await session.Server.CallAsync(tool, arguments);
        Assert.True(McpServer.IsError(answer), answer.GetRawText());
        return McpServer.Text(answer);
    }

    /// <summary>One server for the class.</summary>
    public sealed class Session(TestStack stack) : IAsyncLifetime
    {
        public string Database { get; private set; } = "";

        public McpServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Database = await stack.NewDatabaseAsync();
            Server = McpServer.Start([], ("ConnectionStrings__webhooks", Database));
            await Server.InitializeAsync();
        }

        public ValueTask DisposeAsync()
        {
            Server?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
