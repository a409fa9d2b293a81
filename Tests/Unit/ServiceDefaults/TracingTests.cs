using System.Diagnostics;
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
        Assert.Equal("/webhooks/github", span.GetTagItem("url.path"));
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

    [Fact]
    public async Task A_trace_goes_on_from_the_caller()
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await service.Client.SendAsync(request, Cancelled);

        var span = await _spans.FirstAsync(span => span.Kind == ActivityKind.Server);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString());
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

        Assert.DoesNotContain(_spans.All, span => Equals(span.GetTagItem("url.path"), path) || span.DisplayName is "ping");
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

    private Task<ServiceHost> StartAsync() => ServiceHost.StartAsync(
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
