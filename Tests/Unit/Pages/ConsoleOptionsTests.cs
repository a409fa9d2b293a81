extern alias Console;

using Console::Aspire.Webhooks.Console.Access;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Pages;

public sealed class ConsoleOptionsTests
{
    [Theory]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://app.example.com/", false)]
    [InlineData("https://app.example.com/page", false)]
    [InlineData("https://*.example.com", false)]
    [InlineData("https://a.example; script-src *", false)]
    [InlineData("app.example.com", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void Only_an_origin_may_embed_the_portal(string origin, bool valid) =>
        Assert.Equal(valid, !new PortalOptions { FrameAncestors = [origin] }.Errors().Any());

    [Theory]
    [InlineData("", true)]
    [InlineData("https://traces.example/t/{trace_id}?x=1", true)]
    [InlineData("https://traces.example/t/", false)]
    [InlineData("javascript:alert('{trace_id}')", false)]
    [InlineData("/traces/{trace_id}", false)]
    public void The_URL_of_a_trace_has_a_place_for_its_id(string url, bool valid) =>
        Assert.Equal(valid, !new ConsoleOptions { TraceUrl = url }.Errors().Any());

    [Fact]
    public void A_trace_id_is_escaped_in_its_URL()
    {
        var options = new ConsoleOptions { TraceUrl = "https://traces.example/t/{trace_id}" };

        Assert.Equal("https://traces.example/t/a%2Fb", options.UrlOfTrace("a/b"));
    }

    [Theory]
    [InlineData("https://login.example", "console", null, true)]
    [InlineData("", null, null, true)]
    [InlineData("https://login.example", null, null, false)]
    [InlineData("http://login.example", "console", null, false)]
    [InlineData("http://login.example", "console", "false", true)]
    [InlineData("login.example", "console", null, false)]
    public void An_issuer_is_configured_with_its_URL_and_a_client(string authority, string? client, string? https, bool valid)
    {
        const string Section = "Authentication:Schemes:OpenIdConnect";
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [$"{Section}:Authority"] = authority, [$"{Section}:ClientId"] = client, [$"{Section}:RequireHttpsMetadata"] = https,
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

        Assert.Equal(valid, !SignInRoutes.Errors(configuration).Any());
    }
}
