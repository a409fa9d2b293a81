using System.Net;
using System.Text;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>The labels of UTF-8 and ASCII, at every route of every service that reads a body.</summary>
public sealed class CharsetTests(TestStack stack)
{
    private const string None = "00000000-0000-0000-0000-000000000000";

    private static readonly string[] Labels =
    [
        "utf8", "utf-8", "UTF8", "\"utf8\"", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8", "us-ascii",
        "ascii", "ansi_x3.4-1968",
    ];

    private static readonly string[] Others = ["utf-16", "utf-16le", "latin1", "windows-1252", "utf-7", "klingon"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("receiver", 2)]
    [InlineData("worker", 3)]
    [InlineData("sender", 6)]
    public async Task Every_route_reads_a_body_in_UTF_8_whatever_its_label_and_in_no_other_encoding(string service, int routes)
    {
        var (database, redis) = (await stack.NewDatabaseAsync(), await stack.RedisAsync());
        await (service switch
        {
            "receiver" => AssertAsync(await Services.ReceiverAsync(database, redis)),
            "worker" => AssertAsync(await Services.WorkerAsync(database, redis, ("environment", "Development"))),
            _ => AssertAsync(await Services.SenderAsync(database, redis)),
        });

        async Task AssertAsync<TMarker>(ServiceHost<TMarker> host)
            where TMarker : class
        {
            await using var running = host;
            var endpoints = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<RequestBodyType>() is not null).ToList();
            Assert.InRange(endpoints.Count, routes, 100);
            foreach (var endpoint in endpoints)
            {
                using var client = host.NewClient();
                if (endpoint.Metadata.GetMetadata<Scope>() is { } scope)
                {
                    client.With(OperatorToken.Of("charsets", scope.Name));
                }

                foreach (var label in Labels)
                {
                    Assert.NotEqual(HttpStatusCode.UnsupportedMediaType, await StatusAsync(client, endpoint, label));
                }

                foreach (var label in Others)
                {
                    Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusAsync(client, endpoint, label));
                }
            }
        }
    }

    [Fact]
    public async Task Every_source_reads_a_body_in_UTF_8_whatever_its_label_and_in_no_other_encoding()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("environment", "Development"),
            ("Webhooks:Sources:open:Scheme", "none"));
        using var client = receiver.NewClient();
        foreach (var name in SignatureSchemes.ByName.Keys.Append("open"))
        {
            foreach (var label in Labels)
            {
                Assert.True(await SendAsync(name, label) is not HttpStatusCode.UnsupportedMediaType, $"{name} refuses {label}");
            }

            foreach (var label in Others)
            {
                Assert.True(await SendAsync(name, label) is HttpStatusCode.UnsupportedMediaType, $"{name} takes {label}");
            }
        }

        async Task<HttpStatusCode> SendAsync(string source, string label)
        {
            var url = new Uri(receiver.Address, $"/webhooks/{source}").AbsoluteUri;
            var scheme = SignatureSchemes.ByName.GetValueOrDefault(source);
            var isForm = scheme?.BodyFormats.HasFlag(BodyFormats.Form) == true;
            var type = $"{(isForm ? "application/x-www-form-urlencoded" : "application/json")}; charset={label}";
            var body = Encoding.UTF8.GetBytes(isForm ? "command=%2Fx" : $$"""{"type":"t","id":"{{Guid.CreateVersion7()}}"}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            if (scheme is not null)
            {
                var key = SigningKey.Parse(new Secret(Services.SecretOf(source)), scheme.KeyEncoding);
                foreach (
                    var (header, value) in MessageSigner.Sign(
                        scheme, [key], "id", TimeProvider.System.GetUtcNow(), body, url, type))
                {
                    request.Headers.TryAddWithoutValidation(header, value);
                }
            }

            using var answer = await client.SendAsync(request, Cancellation);
            Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
            return answer.StatusCode;
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, RouteEndpoint endpoint, string label)
    {
        var method = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
        var path = endpoint.RoutePattern.RawText!.Replace("{id:guid}", None, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new(method), path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", $"application/json; charset={label}");
        using var answer = await client.SendAsync(request, Cancellation);
        Assert.True(
            answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{method} {path}: {answer.StatusCode}");
        return answer.StatusCode;
    }
}
