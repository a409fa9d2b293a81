using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Tests.Unit.ServiceDefaults;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Anybody can name any trace in <c>traceparent</c>: what that does before and after verification.</summary>
[Collection(nameof(ProcessWideTelemetry))]
public sealed class CallerTraceTests(TestStack stack)
{
    private const string CallersSpan = "b7ad6b7169203331";

    private readonly Spans _spans = new();
    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("00")]
    [InlineData("01")]
    public async Task A_verified_event_goes_on_in_its_senders_trace_whether_or_not_it_is_sampled_there(string flags)
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await ReceiverAsync(database);
        var id = Delivery.NewId();

        using var client = receiver.NewClient();
        var answer = await client.PostAsync(Delivery.Signed("github", id).With("traceparent", Traceparent(flags)));

        var receive = await _spans.FirstAsync(span => span.DisplayName == "webhook.receive");
        var server = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server && span.Links.Any());
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal((_trace, CallersSpan), (receive.TraceId.ToHexString(), receive.ParentSpanId.ToHexString()));
        Assert.Equal(server.Context.SpanId, Assert.Single(receive.Links).Context.SpanId);
        Assert.NotEqual(_trace, server.TraceId.ToHexString(), StringComparer.Ordinal);
        Assert.Equal($"00-{_trace}-{receive.SpanId}-01", await StoredAsync(database, id));
        Assert.True(receive.StartTimeUtc >= server.StartTimeUtc && receive.Duration <= server.Duration);
    }

    [Fact]
    public async Task A_source_that_does_not_continue_traces_has_one_of_ours_from_the_request_on()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await ReceiverAsync(database, ("Webhooks:Sources:github:ContinueTrace", "false"));
        var id = Delivery.NewId();

        using var client = receiver.NewClient();
        await client.PostAsync(Delivery.Signed("github", id).With("traceparent", Traceparent("01")));

        var receive = await _spans.FirstAsync(span => span.DisplayName == "webhook.receive");
        var server = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server && span.Links.Any());
        Assert.Equal((server.TraceId, server.SpanId), (receive.TraceId, receive.ParentSpanId));
        Assert.Equal(_trace, Assert.Single(server.Links).Context.TraceId.ToHexString());
        Assert.Equal($"00-{server.TraceId}-{receive.SpanId}-01", await StoredAsync(database, id));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("01")]
    public async Task A_forged_request_is_found_by_the_trace_id_of_its_answer_which_the_forger_does_not_choose(string flags)
    {
        await using var receiver = await ReceiverAsync(await stack.NewDatabaseAsync());
        using var client = receiver.NewClient();
        var forged = SignedRequest.GitHub(Delivery.Body, secret: "another-secret-altogether")
            .With("traceparent", Traceparent(flags));

        var answer = await client.PostAsync(forged);

        var trace = JsonElement.Parse(answer.Body).GetProperty("trace_id").GetString();
        var receive = await _spans.FirstAsync(span => span.DisplayName == "webhook.receive");
        var server = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server && span.TraceId == receive.TraceId);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.NotEqual(_trace, trace, StringComparer.Ordinal);
        Assert.Equal(trace, receive.TraceId.ToHexString());
        Assert.Equal(_trace, Assert.Single(server.Links).Context.TraceId.ToHexString());
        using var reader = receiver.NewClient().With(OperatorToken.Read);
        await Eventually.HoldsAsync("it is listed", async () =>
            (await reader.OkAsync("/rejections")).Values("trace_id").Contains(trace, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_verified_request_that_is_refused_is_found_by_the_trace_id_of_its_answer()
    {
        await using var receiver = await ReceiverAsync(
            await stack.NewDatabaseAsync(), ("Webhooks:Sources:github:RateLimit:PerSecond", "1"));
        using var client = receiver.NewClient();
        await client.PostAsync(Delivery.Signed("github", Delivery.NewId()));

        var answer = await client.PostAsync(Delivery.Signed("github", Delivery.NewId()).With("traceparent", Traceparent("00")));

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        var trace = JsonElement.Parse(answer.Body).GetProperty("trace_id").GetString();
        await _spans.FirstAsync(span => span.DisplayName == "webhook.receive" && span.TraceId.ToHexString() == trace);
        using var reader = receiver.NewClient().With(OperatorToken.Read);
        await Eventually.HoldsAsync("it is listed", async () =>
            (await reader.OkAsync("/rejections")).Values("trace_id").Contains(trace, StringComparer.Ordinal));
    }

    private string Traceparent(string flags) => $"00-{_trace}-{CallersSpan}-{flags}";

    private static Task<string?> StoredAsync(string database, string id) =>
        Sql.ScalarAsync<string>(database, $"select traceparent from webhooks.inbound_events where delivery_id = '{id}'");

    private async Task<ServiceHost<SourceCatalog>> ReceiverAsync(string database, params (string Key, string Value)[] settings) =>
        await Services.ReceiverAsync(database, await stack.RedisAsync(), _spans.AddTo, settings);
}
