using Aspire.Webhooks.Egress;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Egress;

public sealed class EgressOptionsTests
{
    [Theory]
    [InlineData("Development", "Loopback:0", "127.0.0.1:*")]
    [InlineData("Development", "Loopback:0", "")]
    [InlineData("Development", "TrustedCertificates:0", "")]
    [InlineData("Production", "Loopback:0", "")]
    [InlineData("Production", "TrustedCertificates:0", "")]
    public void An_entry_that_is_right_or_empty_starts(string environment, string key, string value) =>
        Assert.Empty(Errors(environment, (key, value)));

    [Theory]
    [InlineData("Production", "Loopback:0", "127.0.0.1:5101", "Webhooks:Egress:Loopback is for Development; this is Production.")]
    [InlineData("Staging", "Loopback:3", "localhost:*", "Webhooks:Egress:Loopback is for Development; this is Staging.")]
    [InlineData(
        "Production", "TrustedCertificates:0", "/nowhere/ca.pem",
        "Webhooks:Egress:TrustedCertificates is for Development; this is Production.")]
    [InlineData(
        "Development", "Loopback:0", "10.0.0.1:80",
        "Webhooks:Egress:Loopback:0 is no loopback host with a port, such as 127.0.0.1:5101, [::1]:* or localhost:*.")]
    [InlineData(
        "Development", "Loopback:0", "localhost",
        "Webhooks:Egress:Loopback:0 is no loopback host with a port, such as 127.0.0.1:5101, [::1]:* or localhost:*.")]
    [InlineData(
        "Development", "TrustedCertificates:0", "/nowhere/ca.pem",
        "Webhooks:Egress:TrustedCertificates:0 is no file with certificates in PEM.")]
    [InlineData(
        "Development", "TrustedCertificates:0", "/",
        "Webhooks:Egress:TrustedCertificates:0 is no file with certificates in PEM.")]
    [InlineData(
        "Development", "TrustedCertificates:0", "/etc/hostname",
        "Webhooks:Egress:TrustedCertificates:0 is no file with certificates in PEM.")]
    public void Any_other_is_an_error_under_its_key(string environment, string key, string value, string error) =>
        Assert.Contains(error, Errors(environment, (key, value)), StringComparer.Ordinal);

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(
            3, Errors(
                "Development", ("Loopback:0", "localhost"), ("Loopback:1", "localhost:*"), ("Loopback:2", "8.8.8.8:1"),
                ("TrustedCertificates:0", "/nowhere")).Count);

    [Fact]
    public void The_setting_that_opened_all_of_loopback_is_unknown() =>
        Assert.Equal(["Webhooks:Egress: there is no setting 'AllowLoopback'."], Errors("Development", ("AllowLoopback", "true")));

    private static IReadOnlyList<string> Errors(string environment, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create($"Webhooks:Egress:{setting.Key}", (string?)setting.Value)));
        builder.Services.AddEgressGuard();
        using var services = builder.Build();
        try
        {
            _ = services.Services.GetRequiredService<IOptions<EgressOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }
}
