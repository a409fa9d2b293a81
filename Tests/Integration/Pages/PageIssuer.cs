using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>
/// An OpenID Connect issuer on loopback with the authorization code flow. It asks nobody for a password, and hands out the access
/// token that the test gives it. It insists on PKCE.
/// </summary>
public sealed class PageIssuer : IAsyncDisposable
{
    private const string ClientId = "console";

    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge, string Token)> _codes = [];
    private string _token = "";
    private string _url = "";

    private PageIssuer()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () => new
        {
            issuer = _url,
            authorization_endpoint = $"{_url}/authorize",
            token_endpoint = $"{_url}/token",
            jwks_uri = $"{_url}/keys",
            response_types_supported = (string[])["code"],
            subject_types_supported = (string[])["public"],
            id_token_signing_alg_values_supported = (string[])["RS256"],
        });
        _app.MapGet("/keys", () =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.ExportParameters(false)));
            return new { keys = new[] { new { kty = "RSA", use = "sig", kid = "k", n = key.N, e = key.E } } };
        });
        _app.MapGet("/authorize", (HttpRequest request) =>
        {
            var code = RandomNumberGenerator.GetHexString(16);
            _codes[code] = (request.Query["nonce"]!, request.Query["code_challenge"]!, _token);
            var state = Uri.EscapeDataString(request.Query["state"]!);
            return Results.Redirect($"{request.Query["redirect_uri"]}?code={code}&state={state}");
        });
        _app.MapPost("/token", async (HttpRequest request) => Answer(await request.ReadFormAsync()));
    }

    /// <summary>What the Console is configured with to trust it.</summary>
    public (string Key, string Value)[] Settings =>
    [
        ("Authentication__Schemes__OpenIdConnect__Authority", _url),
        ("Authentication__Schemes__OpenIdConnect__ClientId", ClientId),
        ("Authentication__Schemes__OpenIdConnect__ClientSecret", "client-secret-of-the-console"),
        ("Authentication__Schemes__OpenIdConnect__RequireHttpsMetadata", "false"),
    ];

    public static async Task<PageIssuer> StartAsync()
    {
        var issuer = new PageIssuer();
        await issuer._app.StartAsync(TestContext.Current.CancellationToken);
        issuer._url = issuer._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
            .Addresses.Single();
        return issuer;
    }

    /// <summary>Hands out this access token until the answer is disposed.</summary>
    public IDisposable Give(string token)
    {
        _turn.Wait();
        _token = token;
        return new Turn(_turn);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
        _turn.Dispose();
    }

    private IResult Answer(IFormCollection form)
    {
        var verifier = SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()));
        if (!_codes.TryRemove(form["code"].ToString(), out var code) || code.Challenge != Base64UrlEncoder.Encode(verifier))
        {
            return Results.BadRequest(new { error = "invalid_grant" });
        }

        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var identity = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _url,
            Audience = ClientId,
            Subject = new ClaimsIdentity([new Claim("sub", "operator-7"), new Claim("nonce", code.Nonce)]),
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(5),
            SigningCredentials = new(new RsaSecurityKey(_key) { KeyId = "k" }, SecurityAlgorithms.RsaSha256),
        });
        return Results.Json(new { access_token = code.Token, id_token = identity, token_type = "Bearer", expires_in = 3600 });
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
