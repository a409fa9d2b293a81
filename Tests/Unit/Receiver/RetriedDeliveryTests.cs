using System.Text;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>A sender that tries again signs the same body with the time of the retry.</summary>
public sealed class RetriedDeliveryTests
{
    private static readonly IReadOnlyDictionary<string, Source> Sources = Read();

    // Each body with and without what the schemes take for an id.
    private static readonly (string ContentType, string Body)[] Bodies =
    [
        ("application/json", """{"type":"order.paid","event_type":"x","object":"page"}"""),
        ("application/json", """{"type":2,"data":{"name":"deploy"}}"""),
        ("application/json", """{"version":1,"application_id":"2","type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}"""),
        ("application/json", """{"id":"i","event_id":"e","message_id":"m","type":"t","event_type":"t"}"""),
        ("application/x-www-form-urlencoded", "command=%2Fdeploy&text=now"),
        ("application/x-www-form-urlencoded", "payload=%7B%22type%22%3A%22block_actions%22%7D"),
        ("application/x-www-form-urlencoded", "MessageStatus=sent&MessageSid=SM1"),
    ];

    public static TheoryData<string> Schemes => [.. SignatureSchemes.ByName.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void The_same_body_signed_again_at_another_time_has_the_same_delivery_id(string scheme)
    {
        var compared = 0;
        foreach (var (contentType, body) in Bodies)
        {
            var first = Decide(scheme, contentType, body, SampleRequest.Now);
            foreach (var later in (TimeSpan[])[TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(7), TimeSpan.FromHours(5)])
            {
                var again = Decide(scheme, contentType, body, SampleRequest.Now + later);

                Assert.Equal(first.GetType(), again.GetType());
                if (first is Admission.Admitted one && again is Admission.Admitted other)
                {
                    Assert.Equal((one.Event.DeliveryId, one.Window), (other.Event.DeliveryId, other.Window));
                    compared++;
                }
            }
        }

        Assert.True(compared > 0, $"{scheme} admits none of the bodies");
    }

    [Theory]
    [InlineData("discord", """{"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}""", 204)]
    [InlineData("discord", """{"type":2,"id":"1"}""", null)]
    [InlineData("agent", """{"type":"t","event":"e"}""", null)]
    public void Discord_s_webhook_events_have_an_answer_of_their_own(string scheme, string body, int? status) =>
        Assert.Equal(
            status,
            Assert.IsType<Admission.Admitted>(Decide(scheme, "application/json", body, SampleRequest.Now)).Reply?.Status);

    [Theory]
    [InlineData("agent", """{"type":"t"}""", true)]
    [InlineData("agent", """{"type":"t","id":"1"}""", false)]
    [InlineData("meta", """{"object":"page"}""", true)]
    [InlineData("stripe", """{"type":"t","id":"1"}""", false)]
    public void A_digest_counts_for_a_day_and_a_sender_s_id_for_ever(string scheme, string body, bool isDigest) =>
        Assert.Equal(
            isDigest ? TimeSpan.FromDays(1) : null,
            Assert.IsType<Admission.Admitted>(Decide(scheme, "application/json", body, SampleRequest.Now)).Window);

    private static Admission Decide(string scheme, string contentType, string body, DateTimeOffset at)
    {
        var source = Sources[scheme];
        var bytes = Encoding.UTF8.GetBytes(body);
        var key = SampleRequest.Key(SampleRequest.SecretOf(source.Scheme), source.Scheme);
        var url = MessageSigner.UrlFor(source.Scheme, "https://hooks.example.com/webhooks/source", contentType, bytes);
        var headers = new HeaderDictionary { ["Content-Type"] = contentType };
        foreach (var (name, value) in MessageSigner.Sign(source.Scheme, [key], "msg_1", at, bytes, url, contentType))
        {
            headers[name] = value;
        }

        foreach (var name in source.Scheme.DeliveryId.Headers.Concat(source.Scheme.EventType.Headers))
        {
            headers[name] = headers.TryGetValue(name, out var signed) ? signed : "header";
        }

        return Admission.Of(source, new(headers, bytes, url, at));
    }

    private static IReadOnlyDictionary<string, Source> Read()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, scheme) in SignatureSchemes.ByName)
        {
            settings[$"Webhooks:Sources:{name}:Scheme"] = name;
            settings[$"WEBHOOK_SECRET_{name.ToUpperInvariant()}"] = SampleRequest.SecretOf(scheme);
        }

        var sources = SourceParser.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), isDevelopment: false, out var errors);
        Assert.Empty(errors);
        return sources;
    }
}
