using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Egress;

/// <summary>Finds every error at once, each under its key.</summary>
internal sealed class EgressOptionsValidation(IHostEnvironment environment) : IValidateOptions<EgressOptions>
{
    public ValidateOptionsResult Validate(string? name, EgressOptions options)
    {
        string[] errors =
        [
            .. Errors(nameof(EgressOptions.Loopback), options.Loopback, IsAllowance,
                "is no loopback host with a port, such as 127.0.0.1:5101, [::1]:* or localhost:*."),
            .. Errors(nameof(EgressOptions.TrustedCertificates), options.TrustedCertificates, HasCertificates, "is no file with certificates in PEM."),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

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

    private IEnumerable<string> Errors(string key, string[] entries, Func<string, bool> isValid, string otherwise)
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
