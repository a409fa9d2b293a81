using System.Security.Cryptography.X509Certificates;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Aspire.Webhooks.Sender.Endpoints;

public static class SecretRegistration
{
    // Part of every cipher text: another name cannot read them.
    private const string ApplicationName = "Aspire.Webhooks";

    /// <summary>Encrypts endpoints' secrets with keys that all Senders share: they are kept in Postgres.</summary>
    public static IServiceCollection AddSecretProtection(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddCheckedOptions<SecretProtectionOptions>(SecretProtectionOptions.Section)
            .Check((options, _) => options.Load().Select(loaded => loaded.Error).OfType<string>());
        var protection = services.AddDataProtection().SetApplicationName(ApplicationName).PersistKeysToDbContext<WebhooksDb>();

        // It would read the keys at start, and hold up the service where Postgres comes later. They are read when needed.
        services.Remove(services.Single(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly));

        // Data protection takes certificates, not options. One that cannot be used stops the start by the check above.
        var options = new SectionBinder([]).Read<SecretProtectionOptions>(builder.Configuration, SecretProtectionOptions.Section);
        X509Certificate2[] certificates = [.. options.Load().Select(loaded => loaded.Certificate).OfType<X509Certificate2>()];
        if (certificates.Length > 0)
        {
            protection.ProtectKeysWithCertificate(certificates[0]).UnprotectKeysWithAnyCertificate(certificates);
        }

        return services.AddSingleton<SecretProtection>();
    }
}
