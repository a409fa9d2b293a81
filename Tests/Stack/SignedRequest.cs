using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Requests as providers send them.</summary>
public static class SignedRequest
{
    public static HttpRequestMessage GitHub(
        string body, string? delivery = null, string type = "push", string secret = Services.GitHubSecret,
        string path = "/webhooks/github")
    {
        var id = delivery ?? Guid.CreateVersion7().ToString();
        var request = Create(SignatureSchemes.GitHub, secret, id, body, path);
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-GitHub-Event", type);
        return request;
    }

    public static HttpRequestMessage Provider(string body, string id, string secret = Services.ProviderSecret) =>
        Create(SignatureSchemes.Provider, secret, id, body, "/webhooks/provider");

    public static HttpRequestMessage Standard(string body, string id, string secret = Services.StandardSecret) =>
        Create(SignatureSchemes.Standard, secret, id, body, "/webhooks/standard");

    public static HttpRequestMessage Standard(byte[] body, string id) =>
        Create(SignatureSchemes.Standard, Services.StandardSecret, id, body, "/webhooks/standard");

    private static HttpRequestMessage Create(SignatureScheme scheme, string secret, string id, string body, string path) =>
        Create(scheme, secret, id, Encoding.UTF8.GetBytes(body), path);

    private static HttpRequestMessage Create(SignatureScheme scheme, string secret, string id, byte[] body, string path)
    {
        var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json; charset=utf-8" } } };
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        var key = SigningKey.Parse(new Secret(secret), scheme.KeyEncoding);
        foreach (var (name, value) in MessageSigner.Sign(scheme, [key], id, TimeProvider.System.GetUtcNow(), body))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
