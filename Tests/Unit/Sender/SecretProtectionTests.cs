using Aspire.Webhooks.Sender;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Tests.Unit.Sender;

public sealed class SecretProtectionTests
{
    // Data protection registers one hosted service, which reads the keys at the start. The Sender removes it by its assembly.
    [Fact]
    public void Data_protection_does_not_read_its_keys_at_the_start()
    {
        var plain = new ServiceCollection();
        plain.AddDataProtection();
        Assert.Single(plain, IsOfDataProtection);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.AddSecretProtection();

        Assert.DoesNotContain(builder.Services, IsOfDataProtection);
        Assert.Contains(builder.Services, service => service.ServiceType == typeof(SecretProtection));
    }

    private static bool IsOfDataProtection(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService)
        && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly;
}
