using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>
/// What endpoints are trusted with is redacted by every process, soon after it is stored, though none is told the value.
/// </summary>
public sealed class SharedSecretTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    [Fact]
    public async Task Secrets_and_header_values_of_endpoints_are_redacted_also_without_their_shape()
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(EndpointApi.NewMerchant());
        var created = await client.CreateAsync(new { url = server.Url, headers = new { X_Route = "blue-41-horse" } });
        var (_, rotated) = await client.CallAsync($"{EndpointApi.Path}/{created.Id()}/rotate-secret", new { });
        await client.PatchAsync(created.Id(), new { headers = new { X_Route = "green 42 horse" } });

        string[] secrets = [created.Text("secret")![6..], rotated.Text("secret")![6..], "blue-41-horse", "green 42 horse"];

        var redactor = api.Services.GetRequiredService<Redactor>();
        await Eventually.HoldsAsync("all are redacted", () => Task.FromResult(
            Array.TrueForAll(secrets, secret => redactor.Redact($"It is {secret}.") == "It is ***redacted***.")));
        Assert.Equal(0, await Sql.CountAsync(api.Database, "webhooks.secret_fingerprints where hash::text like '%horse%'"));
    }
}
