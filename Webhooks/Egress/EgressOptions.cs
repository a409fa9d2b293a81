using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Egress;

/// <summary>What outgoing connections may reach. Section <c>Webhooks:Egress</c>.</summary>
public sealed class EgressOptions
{
    public const string Section = "Webhooks:Egress";

    /// <summary>
    /// Also reach loopback addresses, and over plain HTTP. Default false; for a stack on one machine, in Development
    /// only: anywhere else the service refuses to start with it.
    /// </summary>
    public bool AllowLoopback { get; set; }
}

internal sealed class EgressOptionsValidation(IHostEnvironment environment) : IValidateOptions<EgressOptions>
{
    public ValidateOptionsResult Validate(string? name, EgressOptions options) =>
        options.AllowLoopback && !environment.IsDevelopment()
            ? ValidateOptionsResult.Fail($"{EgressOptions.Section}:AllowLoopback is for Development; this is {environment.EnvironmentName}.")
            : ValidateOptionsResult.Success;
}
