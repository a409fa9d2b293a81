using System.Security.Cryptography;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Signs a developer in to the Console during this run: a link, and the key of the access token that the Console creates when the
/// link is opened. Both are only in the environment of this run's processes.
/// </summary>
internal sealed class SignInLink
{
    private const string Issuer = "aspire-webhooks-apphost";
    private const string Bearer = "Authentication__Schemes__Bearer";

    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The path of the link.</summary>
    public string Path => $"/sign-in/link?token={_token}";

    /// <summary>Makes a service accept the access tokens that the Console creates.</summary>
    public void Trust(IResourceBuilder<ProjectResource> service) => service
        .WithEnvironment($"{Bearer}__ValidIssuers__console", Issuer)
        .WithEnvironment($"{Bearer}__ValidAudiences__console", Issuer)
        .WithEnvironment($"{Bearer}__SigningKeys__console__Issuer", Issuer)
        .WithEnvironment($"{Bearer}__SigningKeys__console__Value", _key);

    /// <summary>Makes the Console accept the link.</summary>
    public void Accept(IResourceBuilder<ProjectResource> console)
    {
        Trust(console);
        console.WithEnvironment("Webhooks__Console__SignInToken", _token);
    }
}
