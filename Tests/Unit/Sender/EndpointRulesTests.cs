using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Sender;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Tests.Unit.Sender;

/// <summary>URLs, types of events and the other fields of an endpoint.</summary>
public sealed class EndpointRulesTests
{
    private static readonly EndpointRules Rules = Create();

    private readonly EndpointErrors _errors = new();

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com:8443/a/b?c=d&e=@")]
    [InlineData("HTTPS://EXAMPLE.COM/a")]
    [InlineData("https://sub.sub.example.co.uk/%20?q=%23")]
    [InlineData("https://b\u00fccher.example/")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://8.8.8.8/hooks")]
    [InlineData("https://[2606:4700::1111]/hooks")]
    public void An_https_URL_is_kept_as_it_was_written(string url)
    {
        Assert.Equal(url, Rules.Url(url, _errors));
        Assert.Null(_errors.Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("example.com/hooks")]
    [InlineData("//example.com/hooks")]
    [InlineData("/hooks")]
    [InlineData("ftp://example.com/hooks")]
    [InlineData("file:///etc/hostname")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https:example.com")]
    [InlineData("https:/example.com")]
    [InlineData("https://")]
    [InlineData("https:///hooks")]
    [InlineData("https://example.com/a b")]
    [InlineData(" https://example.com/")]
    [InlineData("https://example.com/\n")]
    [InlineData("https://example.com/\0")]
    [InlineData("https://exam\tple.com/")]
    [InlineData("https://example.com\\@127.0.0.1/")]
    [InlineData("https:\\\\example.com/")]
    [InlineData("https://example.com:99999/")]
    [InlineData("https://[::1/")]
    [InlineData("https://user@example.com/")]
    [InlineData("https://user:password@example.com/")]
    [InlineData("https://:password@example.com/")]
    [InlineData("https://@example.com/")]
    [InlineData("https://example.com@127.0.0.1/")]
    [InlineData("https://example.com#@127.0.0.1/")]
    [InlineData("https://example.com/#")]
    [InlineData("https://example.com/#fragment")]
    public void What_is_no_plain_web_URL_is_malformed(string url)
    {
        Assert.Null(Rules.Url(url, _errors));
        Assert.Equal((400, "url"), (_errors.Problem!.StatusCode, Assert.Single(_errors.Malformed.All).Key));
    }

    [Theory]
    [InlineData("http://example.com/hooks")]
    [InlineData("HTTP://example.com/hooks")]
    [InlineData("http://127.0.0.1:5101/")]
    [InlineData("http://localhost/")]
    public void Plain_HTTP_is_refused(string url)
    {
        Assert.Null(Rules.Url(url, _errors));
        Assert.Equal((422, "url"), (_errors.Problem!.StatusCode, Assert.Single(_errors.Refused.All).Key));
    }

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void A_URL_has_up_to_2048_characters(int length, bool isFine)
    {
        var url = "https://example.com/".PadRight(length, 'a');

        Assert.Equal(isFine ? url : null, Rules.Url(url, _errors));
        Assert.Equal(!isFine, _errors.Malformed.Any);
    }

    [Fact]
    public void No_error_quotes_the_URL()
    {
        Rules.Url("https://user:hunter2@example.com/", _errors);
        Rules.Url("http://hunter2.example.com/", _errors);

        Assert.DoesNotContain(
            _errors.Malformed.All.Concat(_errors.Refused.All).SelectMany(field => field.Value), error =>
                error.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Types_are_kept_once_each_in_the_order_of_their_names()
    {
        Assert.Equal(
            ["endpoint.disabled", "task.completed"],
            Rules.Events(["task.completed", "endpoint.disabled", "task.completed"], _errors)!, StringComparer.Ordinal);
        Assert.Empty(Rules.Events([], _errors)!);
        Assert.Null(Rules.Events(null, _errors));
        Assert.Null(_errors.Problem);
    }

    [Theory]
    [InlineData("task.unknown")]
    [InlineData("TASK.COMPLETED")]
    [InlineData("task.*")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("webhook.ping")]
    public void A_type_that_the_catalogue_does_not_have_is_refused(string type)
    {
        Rules.Events(["task.completed", type], _errors);

        Assert.Equal((422, "events"), (_errors.Problem!.StatusCode, Assert.Single(_errors.Refused.All).Key));
    }

    [Fact]
    public void A_list_of_types_has_no_null_and_up_to_100()
    {
        Rules.Events([null], _errors);
        Assert.Equal(400, _errors.Problem!.StatusCode);

        var many = new EndpointErrors();
        Rules.Events([.. Enumerable.Repeat("task.completed", 100)], many);
        Assert.Null(many.Problem);
        Rules.Events([.. Enumerable.Repeat("task.completed", 101)], many);
        Assert.Equal((400, "events"), (many.Problem!.StatusCode, Assert.Single(many.Malformed.All).Key));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("The shop's server.", true)]
    [InlineData("L\u00e4den \ud83d\ude00", true)]
    [InlineData("one\ntwo", false)]
    [InlineData("a\0b", false)]
    public void A_description_is_a_line_of_text(string text, bool isFine)
    {
        var kept = Rules.Description(text, _errors);

        Assert.Equal(!isFine, _errors.Malformed.All.ContainsKey("description"));
        Assert.True(!isFine || kept == text);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_description_has_up_to_500_characters(int length, bool isFine)
    {
        Rules.Description(new string('x', length), _errors);

        Assert.Equal(!isFine, _errors.Malformed.Any);
    }

    [Theory]
    [InlineData("Shop, ghp_0123456789abcdefghijABCDEFGHIJ", "Shop, ***redacted***")]
    [InlineData("password=hunter22 for the shop", "password=***redacted*** for the shop")]
    public void A_credential_in_a_description_is_not_kept(string text, string kept)
    {
        Assert.Equal(kept, Rules.Description(text, _errors));
        Assert.Null(_errors.Problem);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(10_000, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(10_001, false)]
    public void A_rate_limit_is_from_1_to_10000(int? perSecond, bool isFine)
    {
        EndpointRules.RateLimit(perSecond, _errors);

        Assert.Equal(!isFine, _errors.Malformed.All.ContainsKey("rate_limit"));
    }

    [Fact]
    public void What_makes_no_sense_is_told_before_what_is_refused()
    {
        Rules.Url("http://example.com/", _errors);
        EndpointRules.RateLimit(0, _errors);

        Assert.Equal(400, _errors.Problem!.StatusCode);
    }

    private static EndpointRules Create()
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationManager())
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IHostEnvironment>(new Production()).AddEventTypes().AddSingleton<EndpointRules>()
            .AddSingleton(new Redactor([]));
        services.AddEgressGuard();
        return services.BuildServiceProvider().GetRequiredService<EndpointRules>();
    }

    private sealed class Production : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Production;

        public string ApplicationName { get; set; } = "Tests";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
