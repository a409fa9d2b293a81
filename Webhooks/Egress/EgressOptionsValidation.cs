using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Egress;

/// <summary>Reports every error, each with its configuration key.</summary>
internal static class EgressOptionsValidation
{
    public static IEnumerable<string> Errors(EgressOptions options, IHostEnvironment environment) =>
    [
        .. Errors(nameof(EgressOptions.Loopback), options.Loopback, IsAllowance,
            "is no loopback host with a port, such as 127.0.0.1:5101, [::1]:* or localhost:*.", environment),
        .. Errors(nameof(EgressOptions.TrustedCertificates), options.TrustedCertificates, HasCertificates,
            "is no file with certificates in PEM.", environment),
    ];

    private static bool IsAllowance(string entry) => LoopbackAllowance.Parse(entry) is not null;

    private static bool HasCertificates(string path)
    {
        try
        {
            return ServerTrust.Read(path).Count > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Errors(
        string key, string[] entries, Func<string, bool> isValid, string otherwise, IHostEnvironment environment)
    {
        var path = $"{EgressOptions.Section}:{key}";
        if (!environment.IsDevelopment() && entries.Any(entry => entry.Length > 0))
        {
            yield return $"{path} is for Development; this is {environment.EnvironmentName}.";
        }

        foreach (var (at, entry) in entries.Index())
        {
            if (entry.Length > 0 && !isValid(entry))
            {
                yield return $"{path}:{at} {otherwise}";
            }
        }
    }
}
