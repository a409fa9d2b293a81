using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver.Api;

public sealed class SourceListTests(TestStack stack)
{
    [Fact]
    public async Task A_source_is_listed_with_what_was_last_heard_from_it_and_no_secret()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(
            database, await stack.RedisAsync(),
            ("Webhooks:Sources:github:Secrets:0:Key", "WEBHOOK_SECRET_GITHUB"),
            ("Webhooks:Sources:github:Secrets:0:ExpiresAt", "2099-01-01T00:00:00Z"),
            ("Webhooks:Sources:github:Secrets:1:Key", "WEBHOOK_SECRET_NEXT"));
        using var client = receiver.NewClient().With(OperatorToken.Read);
        using (var request = SignedRequest.GitHub("{}"))
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        using (var request = SignedRequest.GitHub("{}", secret: "another-secret-altogether"))
        {
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        var source = await Eventually.GetAsync<object>("the refusal is listed", async () =>
            (await client.OkAsync("/sources")).GetProperty("data").EnumerateArray()
                .Where(one => one.GetProperty("name").GetString() == "github"
                    && one.GetProperty("last_rejection").ValueKind == System.Text.Json.JsonValueKind.Object)
                .Select(one => (object)one).FirstOrDefault()) is System.Text.Json.JsonElement found ? found : default;

        Assert.Equal("/webhooks/github", source.GetProperty("path").GetString());
        Assert.Equal("github", source.GetProperty("scheme").GetString());
        Assert.Equal(
            ["WEBHOOK_SECRET_GITHUB", "WEBHOOK_SECRET_NEXT"],
            source.GetProperty("secret_keys").EnumerateArray().Select(key => key.GetString()!), StringComparer.Ordinal);
        var secret = Assert.Single(source.GetProperty("secrets").EnumerateArray());
        Assert.StartsWith("2099-01-01", secret.GetProperty("expires_at").GetString(), StringComparison.Ordinal);
        Assert.NotNull(source.GetProperty("last_event_at").GetString());
        Assert.Equal("invalid_signature", source.GetProperty("last_rejection").GetProperty("reason").GetString());
        Assert.DoesNotContain(Services.GitHubSecret, source.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_path_of_the_old_page_leads_to_the_Console()
    {
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), ("Webhooks:Links:Console", "https://console.example/"));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        using var answer = await client.GetAsync(new Uri(receiver.Address, "/ui"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("https://console.example/phone-messages", answer.Headers.Location!.ToString());
    }
}
