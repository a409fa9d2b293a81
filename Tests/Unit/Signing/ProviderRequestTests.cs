using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.Unit.Signing;

/// <summary>What <c>send</c> and the test events of the Console make for each scheme.</summary>
public sealed class ProviderRequestTests
{
    private const string Url = "https://hooks.example.com/webhooks/source";

    public static TheoryData<string> Schemes =>
    [
        .. SignatureSchemes.ByName.Where(scheme => scheme.Value.CanSign).Select(scheme => scheme.Key)
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_test_event_is_verified_and_has_id_and_type_where_the_scheme_looks(string name)
    {
        var scheme = SignatureSchemes.ByName[name];
        SigningKey[] keys = [SampleRequest.Key(SampleRequest.SecretOf(scheme), scheme)];

        var request = ProviderRequest.Sign(
            scheme, keys, Url, SampleBody.For(scheme, "id-1", "type-1", isPhoneMessage: false), null, "id-1", "type-1",
            SampleRequest.Now);

        var headers = HeadersOf(request);
        using var json = JsonDocument.Parse(request.Body);
        Assert.Equal(
            VerificationResult.Valid,
            SignatureVerifier.Verify(scheme, keys, new(headers, request.Body, request.Url), SampleRequest.Now).Result);
        Assert.Equal("application/json", request.ContentType);
        if (HasPlace(scheme.DeliveryId))
        {
            Assert.Contains("id-1", scheme.DeliveryId.Find(headers, json.RootElement), StringComparison.Ordinal);
        }

        if (HasPlace(scheme.EventType))
        {
            Assert.Contains("type-1", scheme.EventType.Find(headers, json.RootElement), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Two_test_events_differ(string name)
    {
        var scheme = SignatureSchemes.ByName[name];
        string Body(string id) => Encoding.UTF8.GetString(SampleBody.For(scheme, id, "type-1", isPhoneMessage: false));

        Assert.True(scheme.DeliveryId.FirstHeaders.Any() || Body("id-1") != Body("id-2"));
    }

    [Fact]
    public void A_phone_message_has_what_its_receiver_requires()
    {
        using var json = JsonDocument.Parse(
            SampleBody.For(SignatureSchemes.ByName["messages"], "id-1", "type-1", isPhoneMessage: true));

        Assert.Equal(
            ["from", "to", "ts", "text", "message_id"], json.RootElement.EnumerateObject().Select(member => member.Name),
            StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("stripe", "{}", null, "application/json")]
    [InlineData("stripe", "a=1", null, "application/json")]
    [InlineData("twilio", "a=1", null, "application/x-www-form-urlencoded")]
    [InlineData("twilio", "{}", null, "application/json")]
    [InlineData("twilio", "{}", "text/plain", "text/plain")]
    public void Data_that_is_no_JSON_is_a_form_where_the_provider_sends_forms(
        string name, string data, string? contentType, string expected)
    {
        var scheme = SignatureSchemes.ByName[name];

        var request = ProviderRequest.Sign(
            scheme, [SampleRequest.Key(SampleRequest.SecretOf(scheme), scheme)], Url, Encoding.UTF8.GetBytes(data), contentType,
            "id-1", null, SampleRequest.Now);

        Assert.Equal(expected, request.ContentType);
    }

    [Theory]
    [InlineData(null, "test")]
    [InlineData("push", "push")]
    public void A_type_in_a_header_is_that_of_test_events_if_none_is_named(string? type, string expected)
    {
        var request = ProviderRequest.Sign(
            SignatureSchemes.GitHub, [SampleRequest.Key(SampleRequest.HmacSecret, SignatureSchemes.GitHub)], Url,
            "{}"u8.ToArray(), null, "id-1", type, SampleRequest.Now);

        Assert.Equal(expected, Assert.Single(request.Headers, header => header.Key == "X-GitHub-Event").Value);
    }

    private static bool HasPlace(FieldLocator locator) => locator.FirstHeaders.Any() || locator.FirstPointers.Any();

    private static HeaderDictionary HeadersOf(ProviderRequest request)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = request.ContentType };
        foreach (var (name, value) in request.Headers)
        {
            headers.Append(name, value);
        }

        return headers;
    }
}
