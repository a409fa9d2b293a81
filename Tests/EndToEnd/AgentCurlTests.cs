using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>The scheme <c>agent</c> as scripts use it: bash with curl and openssl.</summary>
public sealed class AgentCurlTests(TestStack stack) : IAsyncLifetime
{
    private const string Accepted = "{\"status\":\"accepted\"}\n200";
    private const string Duplicate = "{\"status\":\"duplicate-ignored\"}\n200";

    private CurlReceiver _receiver = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Shell.Available, Shell.Reason);
        _receiver = await CurlReceiver.StartAsync(stack, await stack.NewDatabaseAsync());
    }

    public ValueTask DisposeAsync() => _receiver?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task The_sender_is_accepted_once_and_then_ignored_as_a_duplicate()
    {
        Assert.Equal(Accepted, await Shell.RunAsync(Sender()));
        Assert.Equal(Duplicate, await Shell.RunAsync(Sender()));
        Assert.Equal(
            1, await Sql.CountAsync(
                _receiver.Database,
                "webhooks.inbound_events where source = 'agent' and delivery_id = 'e42' and event_type = 'push'"));
    }

    // The window moves with the clock: the duplicate is known by its id, whenever and however it is signed.
    [Fact]
    public async Task A_replay_with_a_new_timestamp_is_a_duplicate_too()
    {
        await Shell.RunAsync(Sender(ts: "$(( $(date +%s) - 200 ))"));

        Assert.Equal(Duplicate, await Shell.RunAsync(Sender(ts: "$(( $(date +%s) + 200 ))")));
    }

    [Fact]
    public async Task An_unsigned_request_is_answered_401() => Assert.Equal("401", await Shell.RunPlainAsync($$"""
        curl -s -o /dev/null -w "%{http_code}\n" -X POST localhost:{{_receiver.Port}}/webhook \
        -H 'content-type: application/json' -d '{"id":"e1","event":"push"}'
        """));

    [Fact]
    public async Task The_self_verification_says_done() => Assert.Equal("DONE: forgery rejected, signed accepted", await Shell.RunPlainAsync($$"""
        sender() { {{Sender()}} }
        test "$(curl -s -o /dev/null -w '%{http_code}' -X POST localhost:{{_receiver.Port}}/webhook -d '{}')" = "401" \
        && sender | grep -q accepted \
        && echo "DONE: forgery rejected, signed accepted"
        """));

    [Theory]
    [InlineData("ts=soon", "missing/invalid timestamp")]
    [InlineData("ts=$(( $(date +%s) - 330 ))", "timestamp outside allowed window")]
    [InlineData("ts=$(( $(date +%s) + 330 ))", "timestamp outside allowed window")]
    [InlineData("SECRET=another", "bad signature")]
    [InlineData("ts=$(( $(date +%s) - 330 )); SECRET=another", "timestamp outside allowed window")]
    public async Task Each_failure_is_answered_401(string change, string detail)
    {
        Assert.Equal($"{{\"detail\":\"{detail}\"}}\n401", await Shell.RunAsync(Sender(change: change)));
        Assert.Equal(0, await Sql.CountAsync(_receiver.Database, "webhooks.inbound_events"));
    }

    [Fact]
    public async Task A_body_that_was_written_anew_after_signing_is_answered_401() => Assert.Equal(
        "{\"detail\":\"bad signature\"}\n401",
        await Shell.RunAsync(
            Sender().Replace("--data-binary \"$raw\"", "--data-binary \"${raw// /}\"", StringComparison.Ordinal)));

    // verify() says the same of a header that is missing.
    [Theory]
    [InlineData("-H \"x-timestamp: $ts\" ", "missing/invalid timestamp")]
    [InlineData("-H \"x-signature: $sig\" ", "bad signature")]
    public async Task A_missing_header_is_answered_in_the_agent_s_own_words(string header, string detail) => Assert.Equal(
        $"{{\"detail\":\"{detail}\"}}\n401",
        await Shell.RunAsync(Sender().Replace(header, "", StringComparison.Ordinal)));

    // Both documents' senders use POST /webhook; each is known by its headers.
    [Fact]
    public async Task A_phone_message_at_the_same_path_is_answered_as_the_third_document_says() => Assert.Equal("{\"status\":\"ok\"}\n200", await Shell.RunAsync($$"""
        raw='{"message_id":"e42","from":"+14155552671","to":"+14155552672","ts":"2025-12-07T10:30:00Z"}'
        sig=$(printf '%s' "$raw" | openssl dgst -sha256 -hmac '{{CurlReceiver.MessagesSecret}}' | sed 's/^.* //')
        curl -X POST http://localhost:{{_receiver.Port}}/webhook -H 'content-type: application/json' -H "x-signature: $sig" --data-binary "$raw"
        """));

    // sender.py: the bytes of json.dumps, the time in whole seconds, the signature over both.
    private string Sender(string ts = "$(date +%s)", string change = ":") => $$"""
        SECRET='{{CurlReceiver.AgentSecret}}'
        raw='{"id": "e42", "event": "push", "repo": "demo"}'
        ts={{ts}}
        {{change}}
        sig=$(printf '%s.%s' "$ts" "$raw" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')
        curl -s -X POST http://localhost:{{_receiver.Port}}/webhook -H 'content-type: application/json' -H "x-timestamp: $ts" -H "x-signature: $sig" --data-binary "$raw"

        """;
}
