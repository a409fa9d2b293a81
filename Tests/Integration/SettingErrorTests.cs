using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>
/// What is wrong with a service's configuration, whichever class it is bound to, stops the start in one exception.
/// </summary>
public sealed class SettingErrorTests
{
    // Of all services: they may be configured alike.
    private static readonly (string Key, string Value)[] Others =
    [
        ("Webhooks:Sources:x:Scheme", "github"), ("WEBHOOK_SECRET_X", "secret-of-x"), ("Webhooks:Jobs:Task:Concurrency", "5"),
        ("Webhooks:Delivery:MaxRetries", "5"), ("Webhooks:Transcripts:Directory", ""), ("Webhooks:Pings:PerMinute", "5"),
    ];

    [Fact]
    public void A_receiver_tells_all_errors_at_once() => AssertErrors<SourceCatalog>(
        [
            ("Webhooks:Intake:Capacity", "many"), ("Webhooks:Intake:BatchSize", "0"), ("Webhooks:Intake:Capacty", "1"),
            ("Webhooks:Idempotency:Provider", "Memcached"), ("Webhooks:Rejections:MaxRows", "1"),
            ("Webhooks:Schemes:own:SignatureHeader", "X Y"), ("Webhooks:Schemes:own:Algorithm", "Md5"),
            ("Webhooks:Sources:shop:Scheme", "homemade"), ("Webhooks:Sources:shop:MaxBodyBytes", "much"),
            ("Webhooks:Sources:rate:Scheme", "github"), ("Webhooks:Sources:rate:RateLimit:Burst", "5"),
            ("Webhooks:Sources:rate:Replies:Accepted:Status", "500"), ("WEBHOOK_SECRET_RATE", "secret-of-rate"),
            ("Webhooks:Intke:Capacity", "1"), ("Webhooks:Jobs:Evnt:Poll", "00:00:01"),
            ("Authentication:Schemes:Bearer:Authority", "https://login.example.com"),
            ("Authentication:Schemes:Bearer:ValidAudiences:0", ""),
        ],
        [
            "Webhooks:Intake:Capacity must be a whole number from 1 to 100000.",
            "Webhooks:Intake:BatchSize is 0; it must be from 1 to 5000.",
            "Webhooks:Intake: there is no setting 'Capacty'.",
            "Webhooks:Idempotency:Provider must be one of Redis, Memory, None.",
            "Webhooks:Rejections:MaxRows is 1; it must be from 100 to 10000000.",
            "Webhooks:Schemes:own:SignatureHeader is 'X Y', which is no header's name.",
            "Webhooks:Schemes:own:Algorithm must be one of HmacSha256, HmacSha1, HmacSha512, Ed25519.",
            "Webhooks:Sources:shop:Scheme is 'homemade'; known are ",
            "Webhooks:Sources:shop:MaxBodyBytes must be a whole number from 1 to 33554432.",
            "Webhooks:Sources:rate:RateLimit:PerSecond is not set.",
            "Webhooks:Sources:rate:Replies:Accepted:Status is 500; it must be from 200 to 299.",
            "Webhooks: there is no setting 'Intke'.",
            "Webhooks:Jobs: there is no setting 'Evnt'.",
            "Authentication:Schemes:Bearer:ValidAudiences is not set; ",
        ]);

    [Fact]
    public void A_worker_tells_all_errors_at_once() => AssertErrors<PlaybookCatalog>(
        [
            ("Webhooks:Playbooks:x:Source", "github"), ("Webhooks:Playbooks:x:EventTypes", "*"),
            ("Webhooks:Playbooks:x:Agent", "openai"), ("Webhooks:Playbooks:x:Budget:Steps", "few"),
            ("Webhooks:OpenAI:BaseUrl", "localhost"), ("Webhooks:OpenAI:MaxRetryAfter", "2.00:00:00"),
            ("Webhooks:Transcripts:Dir", "/tmp"), ("Webhooks:Jobs:Event:Lease", "0"),
            ("Webhooks:Jobs:Task:Sources:x:Retries:0", "0"),
            ("Webhooks:Egress:Loopback:0", "localhost"), ("Webhooks:Plabyooks:x:Source", "github"),
        ],
        [
            "Webhooks:Playbooks:x:EventTypes must be a list, Webhooks:Playbooks:x:EventTypes:0 and so on, not a value.",
            "Webhooks:Playbooks:x:EventTypes lists no types; '*' is every type.",
            "Webhooks:Playbooks:x:Instructions is not set.",
            "Webhooks:Playbooks:x:Merchant is not set.",
            "Webhooks:Playbooks:x:Budget:Steps must be a whole number from 1 to 500.",
            "Webhooks:OpenAI:Model is not set; a playbook's agent is openai.",
            "Webhooks:OpenAI:BaseUrl must be an absolute http or https URL without credentials.",
            "Webhooks:OpenAI:MaxRetryAfter is 2.00:00:00; it must be from 00:00:00 to 1.00:00:00.",
            "Webhooks:Transcripts: there is no setting 'Dir'.",
            "Webhooks:Jobs:Event:Lease is 00:00:00; it must be from 00:00:01 to 01:00:00.",
            "Webhooks:Jobs:Task:Sources:x:Retries:0 is 00:00:00; it must be more than 00:00:00 and at most 7.00:00:00.",
            "Webhooks:Egress:Loopback:0 is no loopback host with a port",
            "Webhooks: there is no setting 'Plabyooks'.",
        ]);

    [Fact]
    public void A_sender_tells_all_errors_at_once() => AssertErrors<DeliveryClient>(
        [
            ("Webhooks:Delivery:Timeout", "soon"), ("Webhooks:Delivery:Schedule", "1"),
            ("Webhooks:Delivery:Circuit:Hold", "02:00:00"),
            ("WEBHOOK_MAX_RETRIES", "many"), ("Webhooks:Pings:PerMinute", "0"), ("Webhooks:EventTypes:a b:Description", "It."),
            ("Webhooks:EventTypes:a:Description", ""), ("Webhooks:SecretProtection:Certificates:0", "/nowhere.pem"),
            ("Webhooks:Jobs:Delivery:Sources:x:Concurrency", "1"), ("Webhooks:Egress:TrustedCertificates", "/nowhere.pem"),
            ("Authentication:Schemes:Bearer:SigningKeys:x:Issuer", OperatorToken.Issuer),
            ("Authentication:Schemes:Bearer:SigningKeys:x:Value", "no base64!"),
        ],
        [
            "Webhooks:Delivery:Timeout must be a time span (hh:mm:ss) from 00:00:01 to 00:02:00.",
            "Webhooks:Delivery:Schedule must be one of Default, Standard.",
            "Webhooks:Delivery:Circuit:Hold is 02:00:00; it must be from 00:00:00.1 to 01:00:00.",
            "WEBHOOK_MAX_RETRIES must be a whole number from 0 to 20.",
            "Webhooks:Pings:PerMinute is 0; it must be from 1 to 10000.",
            "Webhooks:EventTypes:a b: a name can contain only letters, digits, '_', '.' and '-'.",
            "Webhooks:EventTypes:a:Description is not set.",
            "Webhooks:SecretProtection:Certificates:0 names no PEM file with a certificate and its key: ",
            "Webhooks:Jobs:Delivery:Sources: deliveries have endpoints, not sources; ",
            "Webhooks:Egress:TrustedCertificates must be a list, ",
            "Authentication:Schemes:Bearer:SigningKeys has a key that cannot be read",
        ]);

    private static void AssertErrors<TMarker>((string Key, string Value)[] wrong, string[] errors)
        where TMarker : class
    {
        // Nothing is connected to before the options are valid.
        var settings = Services.Settings("Host=127.0.0.1;Port=1", "127.0.0.1:1", [.. Others, .. wrong]);
        using var service = new Service<TMarker>(settings);

        var exception = Assert.Throws<OptionsValidationException>(service.CreateClient);

        Assert.All(
            errors, error => Assert.Single(exception.Failures, failure => failure.StartsWith(error, StringComparison.Ordinal)));
        Assert.Equal(errors.Length, exception.Failures.Count());
    }

    // Not ServiceHost, which looks at Kestrel as soon as it is there: its limits are in the Receiver's options.
    private sealed class Service<TMarker>(IReadOnlyDictionary<string, string> settings) : WebApplicationFactory<TMarker>
        where TMarker : class
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("hostBuilder:reloadConfigOnChange", "false");
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureLogging(logging => logging.ClearProviders());
        }
    }
}
