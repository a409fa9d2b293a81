using System.Net;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>What the Receiver answered.</summary>
public sealed record Answer(HttpStatusCode Status, string Body, string? ContentType, TimeSpan? RetryAfter);

/// <summary>Requests for tables of schemes.</summary>
public static class Delivery
{
    public const string Body = """{"type":"order.paid","data":{"amount":1}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string NewId() => $"delivery-{Guid.CreateVersion7()}";

    public static HttpRequestMessage Signed(string scheme, string id, string body = Body) => scheme switch
    {
        "github" => SignedRequest.GitHub(body, id),
        "standard" => SignedRequest.Standard(body, id),
        "provider" => SignedRequest.Provider(body, id),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, null),
    };

    /// <summary>A request with a right signature over any bytes, at any time.</summary>
    public static HttpRequestMessage Signed(string scheme, string id, byte[] body, DateTimeOffset? at = null, string? path = null)
    {
        var rules = SignatureSchemes.ByName[scheme];
        var request = new HttpRequestMessage(HttpMethod.Post, path ?? $"/webhooks/{scheme}") { Content = Json(body) };
        var key = SigningKey.Parse(new Secret(Services.SecretOf(scheme)), rules.KeyEncoding);
        foreach (var (name, value) in MessageSigner.Sign(rules, [key], id, at ?? TimeProvider.System.GetUtcNow(), body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (rules == SignatureSchemes.GitHub)
        {
            request.Headers.TryAddWithoutValidation("X-GitHub-Delivery", id);
            request.Headers.TryAddWithoutValidation("X-GitHub-Event", "push");
        }

        return request;
    }

    public static ByteArrayContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return content;
    }

    public static ByteArrayContent Json(string body) => Json(Encoding.UTF8.GetBytes(body));

    /// <summary>Puts another value in the place of a header's.</summary>
    public static HttpRequestMessage With(this HttpRequestMessage request, string header, string value)
    {
        request.Headers.Remove(header);
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    public static async Task<Answer> PostAsync(this HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await client.SendAsync(request, Cancellation);
            return new(
                answer.StatusCode,
                await answer.Content.ReadAsStringAsync(Cancellation),
                answer.Content.Headers.ContentType?.MediaType,
                answer.Headers.RetryAfter?.Delta);
        }
    }

    public static Task<Answer[]> PostAllAsync(this HttpClient client, IEnumerable<HttpRequestMessage> requests) =>
        Task.WhenAll(requests.Select(client.PostAsync));
}
