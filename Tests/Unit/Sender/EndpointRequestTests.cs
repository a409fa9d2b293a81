using System.Text.Json;
using Aspire.Webhooks.Sender.Api;

namespace Aspire.Webhooks.Tests.Unit.Sender;

/// <summary>How a change of an endpoint is read.</summary>
public sealed class EndpointRequestTests
{
    private static readonly JsonSerializerOptions Json = new(
        JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Theory]
    [InlineData("{}", false, null)]
    [InlineData("""{"active":true}""", false, null)]
    [InlineData("""{"rate_limit":null}""", true, null)]
    [InlineData("""{"rate_limit":7}""", true, 7)]
    public void A_rate_limit_of_null_is_a_change_and_none_is_not(string json, bool changes, int? rateLimit)
    {
        var request = JsonSerializer.Deserialize<UpdateEndpointRequest>(json, Json)!;

        Assert.Equal((changes, rateLimit), (request.ChangesRateLimit(), request.RateLimit));
    }

    [Theory]
    [InlineData("""{"signature":"v1a"}""")]
    [InlineData("""{"secret":"whsec_AAAA"}""")]
    [InlineData("""{"merchant_id":"another"}""")]
    [InlineData("""{"disabled_reason":null}""")]
    [InlineData("""{"held_until":null}""")]
    [InlineData("""{"changes_rate_limit":true}""")]
    public void What_cannot_be_changed_is_no_member(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<UpdateEndpointRequest>(json, Json));
}
