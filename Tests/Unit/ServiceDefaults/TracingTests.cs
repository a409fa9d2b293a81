using System.Diagnostics;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

[Collection(nameof(ProcessWideTelemetry))]
public sealed class TracingTests
{
    private const string CallersTrace = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";
    private const string Marker = "written-by-a-stranger";

    private static readonly ActivitySource Statements = new("Npgsql");
    private static readonly ActivitySource Own = new("Aspire.Webhooks");

    private readonly Spans _spans = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_one_server_span_named_by_method_and_route()
    {
        await using var service = await StartAsync();
        using var response = await service.Client.PostAsync("/webhooks/github?key=value", content: null, Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        Assert.Equal("POST /webhooks/{source}", span.DisplayName);
        Assert.Equal("POST", span.GetTagItem("http.request.method"));
        Assert.Equal("/webhooks/{source}", span.GetTagItem("http.route"));
        Assert.Equal(202, span.GetTagItem("http.response.status_code"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Fact]
    public async Task A_failed_request_is_an_error_with_its_exception()
    {
        await using var service = await StartAsync();
        using var response = await service.Client.GetAsync("/broken", Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal(500, span.GetTagItem("http.response.status_code"));
        Assert.Equal("System.InvalidOperationException", span.GetTagItem("error.type"));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("01")]
    public async Task A_callers_trace_is_a_link_whether_or_not_it_is_sampled_there(string flags)
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github");
        request.Headers.Add("traceparent", $"00-{CallersTrace}-{CallersSpan}-{flags}");
        using var response = await service.Client.SendAsync(request, Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        Assert.NotEqual(CallersTrace, span.TraceId.ToHexString(), StringComparer.Ordinal);
        Assert.Equal(default, span.ParentSpanId);
        var link = Assert.Single(span.Links);
        Assert.Equal((CallersTrace, CallersSpan), (link.Context.TraceId.ToHexString(), link.Context.SpanId.ToHexString()));
    }

    [Theory]
    [InlineData("not a trace")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData($"00-{CallersTrace}-{CallersSpan}-01", $"00-{CallersTrace}-{CallersSpan}-00")]
    public async Task What_names_no_single_trace_is_no_link(params string[] sent)
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github");
        request.Headers.TryAddWithoutValidation("traceparent", sent);
        using var response = await service.Client.SendAsync(request, Cancelled);

        Assert.Empty((await _spans.FirstAsync(span => span.Kind == ActivityKind.Server)).Links);
    }

    [Theory]
    [InlineData("POST", "/webhooks/github")]
    [InlineData("GET", $"/{Marker}/{Marker}")]
    [InlineData(Marker, "/webhooks/github")]
    public async Task Nothing_that_a_stranger_writes_reaches_a_span(string method, string path)
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?{Marker}={Marker}");
        request.Headers.Host = $"{Marker}.example";
        foreach (var name in (string[])["User-Agent", "Referer", "X-Forwarded-Host", "Request-Id", "Correlation-Context"])
        {
            request.Headers.TryAddWithoutValidation(name, Marker);
        }

        request.Headers.Add("traceparent", $"00-{CallersTrace}-{CallersSpan}-01");
        request.Headers.Add("tracestate", $"vendor={Marker}");
        request.Headers.Add("baggage", $"user={Marker}");
        using var response = await service.Client.SendAsync(request, Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        string?[] texts =
        [
            span.DisplayName, span.TraceStateString, span.StatusDescription,
            .. span.Links.Select(link => link.Context.TraceState),
            .. span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"),
            .. span.Baggage.Select(item => $"{item.Key}={item.Value}"),
        ];
        Assert.DoesNotContain(texts, text => text?.Contains(Marker, StringComparison.OrdinalIgnoreCase) == true);
        Assert.Null(span.GetTagItem("url.path"));
    }

    [Fact]
    public async Task The_path_of_a_request_with_a_valid_token_is_shown()
    {
        await using var service = await StartAsync(app => app.Use((context, next) =>
        {
            context.User = new(new System.Security.Claims.ClaimsIdentity("Bearer"));
            return next(context);
        }));
        using var response = await service.Client.PostAsync("/webhooks/github", content: null, Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);
        Assert.Equal("/webhooks/github", span.GetTagItem("url.path"));
    }

    [Fact]
    public async Task A_job_of_an_event_whose_sender_did_not_sample_it_is_traced()
    {
        await using var service = await StartAsync();

        using var job = WebhookTelemetry.StartFrom(
            $"00-{CallersTrace}-{CallersSpan}-00", "webhook.process", ActivityKind.Consumer);

        Assert.True(job?.Recorded);
        Assert.Equal(CallersTrace, job!.TraceId.ToHexString());
    }

    [Fact]
    public async Task Statements_are_traced_under_a_request_or_a_job_and_not_when_polling()
    {
        await using var service = await StartAsync();
        using (Statements.StartActivity("poll", ActivityKind.Client)) { }
        using (var job = Own.StartActivity("webhook.process", ActivityKind.Consumer))
        {
            Assert.NotNull(job);
            using (Statements.StartActivity("claim", ActivityKind.Client)) { }
        }

        using var response = await service.Client.PostAsync("/webhooks/github", content: null, Cancelled);
        await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        var names = _spans.All.Select(span => span.DisplayName).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "claim", "insert", "webhook.process" }, names);
        Assert.DoesNotContain("poll", names);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    [InlineData("/alive")]
    public async Task Probes_are_not_traced_nor_is_what_they_cause(string path)
    {
        await using var service = await StartAsync();
        using var probe = await service.Client.GetAsync(path, Cancelled);
        using var request = await service.Client.PostAsync("/webhooks/github", content: null, Cancelled);

        await _spans.FirstAsync(span => span.DisplayName is "POST /webhooks/{source}");

        Assert.DoesNotContain(_spans.All, span => Equals(span.GetTagItem("http.route"), path) || span.DisplayName is "ping");
    }

    [Fact]
    public async Task Activities_exist_without_an_exporter()
    {
        await using var service = await ServiceHost.StartAsync();

        using var activity = Own.StartActivity("webhook.process");

        Assert.True(activity?.Recorded);
    }

    [Fact]
    public async Task The_service_is_named_after_the_application()
    {
        await using var service = await StartAsync();

        Assert.Contains(
            service.App.Services.GetRequiredService<TracerProvider>().GetResource().Attributes,
            attribute => attribute is { Key: "service.name", Value: "tested-service" });
    }

    private Task<ServiceHost> StartAsync(Action<WebApplication>? before = null) => ServiceHost.StartAsync(
        builder =>
        {
            _spans.AddTo(builder.Services);
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddNpgsql());
            builder.Services.AddHealthChecks().AddCheck("postgres", () =>
            {
                using (Statements.StartActivity("ping", ActivityKind.Client))
                {
                    return new(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);
                }
            });
        },
        app =>
        {
            before?.Invoke(app);
            app.MapPost("/webhooks/{source}", () =>
            {
                using (Statements.StartActivity("insert", ActivityKind.Client))
                {
                    return Results.Accepted();
                }
            });
            app.MapGet("/broken", string () => throw new InvalidOperationException("broken"));
        });
}
