using System.Security.Cryptography;
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
    /// <exception cref="InvalidOperationException">A configured certificate cannot be used.</exception>
    public static IServiceCollection AddSecretProtection(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddCheckedOptions<SecretProtectionOptions>(SecretProtectionOptions.Section);
        var protection = services.AddDataProtection().SetApplicationName(ApplicationName).PersistKeysToDbContext<WebhooksDb>();

        // It would read the keys at start, and hold up the service where Postgres comes later. They are read when needed.
        services.Remove(services.Single(service =>
            service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly));

        var certificates = Certificates(builder.Configuration.GetSection($"{SecretProtectionOptions.Section}:{nameof(SecretProtectionOptions.Certificates)}"));
        if (certificates.Length > 0)
        {
            protection.ProtectKeysWithCertificate(certificates[0]).UnprotectKeysWithAnyCertificate(certificates);
        }

        return services.AddSingleton<SecretProtection>();
    }

    private static X509Certificate2[] Certificates(IConfigurationSection section) => [.. section.GetChildren().Select(Load)];

    private static X509Certificate2 Load(IConfigurationSection path)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(path.Value ?? "") is { HasPrivateKey: true } certificate && certificate.GetRSAPrivateKey() is not null
                ? certificate
                : throw new InvalidOperationException($"{path.Path}: the certificate has no RSA key.");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"{path.Path} names no PEM file with a certificate and its key: {exception.Message}", exception);
        }
    }
}
