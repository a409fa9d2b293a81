using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Tests.Unit.Payloads;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Receiver;

/// <summary>
/// What a Receiver decides about any request at all. An exception would be a 5xx, an admission or a greeting a 2xx; the seed
/// of a failure is in its message.
/// </summary>
public sealed class AdmissionPropertyTests
{
    private const int Runs = 100_000;
    private const string Url = "https://hooks.example.com/webhooks/source?a=1";

    private static readonly Source[] Sources = [.. ReadSources()];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json", "application/x-www-form-urlencoded", "application/json; charset=utf-8",
        "text/plain", "", ";", "a/b+json", "application/json; charset=", "multipart/form-data",
    ];

    private static readonly string[] Codings = ["gzip", "br", "deflate", "x-gzip", "identity", "zstd", "gzip, br", ",", "GZIP"];

    private static readonly string[] Bodies =
    [
        "{}", "[]", "null", "1", "\"\"", "", " ", "{\"id\":1}", "{\"id\":\"\\ud800\",\"type\":\"x\"}",
        "{\"\\ud800\":1,\"id\":\"a\",\"type\":\"b\"}", "{\"type\":\"url_verification\",\"challenge\":\"c\"}", "{\"type\":1}",
        "{\"type\":0}", "{\"type\":1e400}", "{\"id\":\"a\\u0000\",\"type\":\"b\"}",
        "{\"event_id\":\"e\",\"event\":{\"type\":\"t\"},\"type\":\"t\",\"event_type\":\"t\",\"id\":\"i\",\"message_id\":\"m\"}",
        "payload=%7B%7D", "payload=", "a=1&a=2", "%", "&&&", "=", "a=%00", "payload=%ff", "\uFEFF{}",
    ];

    public static TheoryData<string> Schemes => SampleRequest.Schemes;

    [Fact]
    public void No_request_without_a_signature_gets_in_whatever_it_says()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var source = Sources[random.Next(Sources.Length)];
            var headers = new HeaderDictionary();
            foreach (
                var name in source.Scheme.Headers.Concat(
                    ["Content-Type", "Content-Encoding", "X-GitHub-Event", "X-GitHub-Delivery"]))
            {
                if (random.Next(4) > 0)
                {
                    headers[name] = HeaderValue(random, name);
                }
            }

            var admission = Decide(seed, source, headers, Body(random));

            Assert.True(admission is Admission.Refused, $"seed {seed}: {source.Name} let in a request without a signature");
        }
    }

    [Fact]
    public void No_signed_request_is_too_odd_for_an_answer_and_what_gets_in_can_be_stored_and_read()
    {
        var admitted = 0;
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var source = Sources[random.Next(Sources.Length)];
            var contentType = ContentTypes[random.Next(ContentTypes.Length)];
            HeaderDictionary headers;
            byte[] body;
            string url;
            try
            {
                headers = Signed(source, Body(random), contentType, random, out body, out url);
            }
            catch (ArgumentException) when (source.Name == "twilio")
            {
                // It signs a form's fields: a form that cannot be read cannot be signed.
                continue;
            }

            switch (Decide(seed, source, headers, body, url))
            {
                case Admission.Admitted { Event: var inbound }:
                    admitted++;
                    Assert.True(EventIdentifier.IsValid(inbound.DeliveryId) && inbound.DeliveryId.Length > 0, $"seed {seed}");
                    Assert.True(EventIdentifier.IsValid(inbound.EventType) && inbound.EventType.Length > 0, $"seed {seed}");
                    Assert.DoesNotContain(
                        headers[source.Scheme.SignatureHeader].ToString(), inbound.Headers, StringComparison.Ordinal);
                    using (JsonDocument.Parse(inbound.Headers))
                    {
                        // It is JSON, or the parser has thrown.
                    }

                    break;
                case Admission.Refused { Why: var why }:
                    Assert.False(why.IsForgery(), $"seed {seed}: {source.Name} took a right signature for {why}");
                    break;
            }
        }

        Assert.InRange(admitted, Runs / 20, Runs);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void No_changed_body_gets_in(string scheme)
    {
        var source = Array.Find(Sources, source => source.Name == scheme)!;
        var headers = Signed(
            source, "{\"id\":\"a\",\"n\":[1,2,3]}"u8.ToArray(), "application/json", null, out var body, out var url);
        for (var seed = 0; seed < Runs / 10; seed++)
        {
            var random = new Random(seed);
            var changed = Changed(random, body);

            var admission = Decide(seed, source, headers, changed, url);

            Assert.True(
                changed.AsSpan().SequenceEqual(body) || admission is Admission.Refused { Why: Refusal.InvalidSignature },
                $"seed {seed}: {admission}");
        }
    }

    private static Admission Decide(int seed, Source source, HeaderDictionary headers, byte[] body, string url = Url)
    {
        try
        {
            return Admission.Of(source, new(headers, body, url, SampleRequest.Now));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}, source {source.Name}", exception);
        }
    }

    private static HeaderDictionary Signed(
        Source source, byte[] plain, string contentType, Random? random, out byte[] body, out string url)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = contentType, ["X-GitHub-Event"] = "push",
            ["X-GitHub-Delivery"] = "id" };
        headers["X-Shopify-Topic"] = headers["X-Shopify-Webhook-Id"] = "id";
        body = plain;
        if (random?.Next(4) == 0)
        {
            var coding = Codings[random.Next(Codings.Length)];
            headers["Content-Encoding"] = coding;
            body = random.Next(4) == 0 ? plain : ContentCodingTests.Coded(coding, plain);
        }

        url = MessageSigner.UrlFor(source.Scheme, Url, contentType, body);
        var key = SampleRequest.Key(SampleRequest.SecretOf(source.Scheme), source.Scheme);
        var id = random?.Next(8) == 0 ? new string('i', random.Next(1, 400)) : "id";
        foreach (var (name, value) in MessageSigner.Sign(source.Scheme, [key], id, SampleRequest.Now, body, url, contentType))
        {
            headers[name] = value;
        }

        return headers;
    }

    private static byte[] Body(Random random)
    {
        var body = Encoding.UTF8.GetBytes(Bodies[random.Next(Bodies.Length)]);
        return random.Next(3) == 0 ? Changed(random, body) : body;
    }

    private static byte[] Changed(Random random, byte[] body)
    {
        var changed = body.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(changed.Count + 1);
            switch (random.Next(3))
            {
                case 0 when at < changed.Count:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < changed.Count:
                    changed.RemoveAt(at);
                    break;
                default:
                    changed.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. changed];
    }

    private static string HeaderValue(Random random, string name) => name switch
    {
        "Content-Type" => ContentTypes[random.Next(ContentTypes.Length)],
        "Content-Encoding" => Codings[random.Next(Codings.Length)],
        "X-GitHub-Event" => "ping",
        _ => random.Next(6) switch
        {
            0 => SampleRequest.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            1 => $"t={SampleRequest.Now.ToUnixTimeSeconds()},v1={Convert.ToHexStringLower(Bytes(random, 32))}",
            2 => $"sha256={Convert.ToHexStringLower(Bytes(random, 32))}",
            3 => $"v1,{Convert.ToBase64String(Bytes(random, 32))} v1a,{Convert.ToBase64String(Bytes(random, 64))}",
            4 => Convert.ToHexStringLower(Bytes(random, 64)),
            _ => Encoding.Latin1.GetString(Bytes(random, random.Next(80))),
        },
    };

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<Source> ReadSources()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, scheme) in Schemes.Select(row => (row.Data, SignatureSchemes.ByName[row.Data])))
        {
            settings[$"Webhooks:Sources:{name}:Scheme"] = name;
            settings[$"WEBHOOK_SECRET_{name.ToUpperInvariant().Replace('-', '_')}"] = SampleRequest.SecretOf(scheme);
        }

        var sources = SourceParser.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), isDevelopment: false, out var errors);
        Assert.Empty(errors);
        return sources.Values;
    }
}
