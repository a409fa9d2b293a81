using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Sender.Endpoints;

/// <summary>What cannot be an endpoint is refused under its field.</summary>
public sealed class EndpointValidationTests(EndpointApi api) : IClassFixture<EndpointApi>
{
    private const string Good = "https://example.com/hooks";

    [Theory]
    [InlineData("""{}""", 400, "url")]
    [InlineData("""{"url":null}""", 400, "url")]
    [InlineData("""{"url":""}""", 400, "url")]
    [InlineData("""{"url":"example.com"}""", 400, "url")]
    [InlineData("""{"url":"https://u:p@example.com/"}""", 400, "url")]
    [InlineData("""{"url":"https://example.com/#a"}""", 400, "url")]
    [InlineData("""{"url":"http://example.com/"}""", 422, "url")]
    [InlineData("""{"url":"https://10.0.0.1/"}""", 422, "url")]
    [InlineData("""{"url":"https://169.254.169.254/latest/meta-data/"}""", 422, "url")]
    [InlineData("""{"url":"https://[fd00:ec2::254]/"}""", 422, "url")]
    [InlineData("""{"url":"https://[::ffff:10.0.0.1]/"}""", 422, "url")]
    [InlineData("""{"url":"https://0x0a000001/"}""", 422, "url")]
    [InlineData("""{"url":"https://167772161/"}""", 422, "url")]
    [InlineData($$$"""{"url":"{{{Good}}}","events":["payment.unknown"]}""", 422, "events")]
    [InlineData($$$"""{"url":"{{{Good}}}","events":[null]}""", 400, "events")]
    [InlineData($$$"""{"url":"{{{Good}}}","description":"a\u0000b"}""", 400, "description")]
    [InlineData($$$"""{"url":"{{{Good}}}","rate_limit":0}""", 400, "rate_limit")]
    [InlineData($$$"""{"url":"{{{Good}}}","signature":"v2"}""", 400, "signature")]
    [InlineData($$$"""{"url":"{{{Good}}}","headers":{"Host":"a"}}""", 400, "headers")]
    [InlineData($$$"""{"url":"{{{Good}}}","headers":{"X-A":"***"}}""", 400, "headers")]
    [InlineData($$$"""{"url":"{{{Good}}}","headers":{"X-A":null}}""", 400, "headers")]
    [InlineData("""{"url":"x","events":["nothing"],"rate_limit":-1,"headers":{"":""}}""", 400, "headers rate_limit url")]
    public async Task A_field_that_cannot_be_is_named(string json, int status, string fields)
    {
        var (answered, problem) = await PostAsync(json);

        Assert.Equal(((HttpStatusCode)status, fields), (answered, string.Join(' ', problem.Fields())));
        Assert.Equal(32, problem.Text("trace_id")!.Length);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("{", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"url":7}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","secret":"whsec_AAAA"}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","merchant_id":"another"}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","rate_limit":1.5}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","rate_limit":99999999999}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","events":"payment.failed"}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","headers":["X-A"]}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","url":"https://example.org/hooks"}""", 400)]
    [InlineData($$$"""{"url":"{{{Good}}}","headers":{"X-A":"1","X-A":"2"}}""", 400)]
    public async Task A_body_that_is_no_endpoint_is_400(string json, int status) =>
        Assert.Equal((HttpStatusCode)status, (await PostAsync(json)).Status);

    [Fact]
    public async Task Half_of_a_surrogate_pair_costs_the_half_alone()
    {
        using var client = api.Of(EndpointApi.NewMerchant());
        using var content = new StringContent(
            $$$"""{"url":"{{{Good}}}","description":"Deploy broke \ud83d","rate_limit":0}""",
            Encoding.UTF8, "application/json");

        using var answer = await client.PostAsync(EndpointApi.Path, content, TestContext.Current.CancellationToken);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal(["rate_limit"], problem.Fields(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_is_refused_is_stored_or_quoted()
    {
        using var client = api.Of(EndpointApi.NewMerchant());

        var (_, problem) = await client.SendAsync(HttpMethod.Post, EndpointApi.Path, new
        {
            url = "https://user:hunter2@example.com/", events = new[] { "hunter2" }, description = "hunter2\n",
            headers = new { Host = "hunter2" },
        });

        Assert.Equal(["description", "headers", "url"], problem.Fields(), StringComparer.Ordinal);
        Assert.DoesNotContain("hunter2", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Empty((await client.OkAsync(EndpointApi.Path)).Values("id"));
    }

    [Theory]
    [InlineData("""{"url":"x"}""", 400, "url")]
    [InlineData("""{"url":"http://example.com/"}""", 422, "url")]
    [InlineData("""{"events":["nothing"]}""", 422, "events")]
    [InlineData("""{"headers":{"X-B":"***"}}""", 400, "headers")]
    [InlineData("""{"rate_limit":10001}""", 400, "rate_limit")]
    public async Task A_change_is_judged_as_a_new_endpoint_is(string json, int status, string field)
    {
        await using var server = await MerchantServer.StartAsync();
        using var client = api.Of(EndpointApi.NewMerchant());
        var id = (
            await client.CreateAsync(
                new { url = server.Url, headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-A"] = "1" } }))
                    .Id();
        var before = await client.GetOneAsync(id);

        var (answered, problem) = await client.SendAsync(HttpMethod.Patch, $"{EndpointApi.Path}/{id}", JsonElement.Parse(json));

        Assert.Equal(((HttpStatusCode)status, field), (answered, string.Join(' ', problem.Fields())));
        Assert.True(JsonElement.DeepEquals(before, await client.GetOneAsync(id)));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=abc", "cursor")]
    public async Task A_page_that_makes_no_sense_is_refused_under_its_name(string query, string field)
    {
        using var client = api.Of(EndpointApi.NewMerchant());

        var (status, problem) = await client.CallAsync($"{EndpointApi.Path}?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, field), (status, Assert.Single(problem.Fields())));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string json)
    {
        using var client = api.Of(EndpointApi.NewMerchant());
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(EndpointApi.Path, content, TestContext.Current.CancellationToken);
        return (answer.StatusCode,
            JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
