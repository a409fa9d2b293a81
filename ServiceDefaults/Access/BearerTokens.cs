using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.ServiceDefaults.Access;

public static class BearerTokens
{
    /// <summary>The error code of a 403.</summary>
    public const string InsufficientScope = "insufficient_scope";

    internal const string Scheme = JwtBearerDefaults.AuthenticationScheme;
    internal const string Section = Root + ":Schemes:" + Scheme;

    private const string Root = "Authentication";

    /// <summary>
    /// Adds bearer tokens as ASP.NET Core's section <c>Authentication:Schemes:Bearer</c> configures them: signing keys of
    /// <c>dotnet user-jwts</c> in Development (<see cref="DeveloperTokens"/>), an OpenID Connect issuer (<c>Authority</c>,
    /// <c>ValidAudiences</c>) elsewhere. Without the section no token is valid. Routes require a token by
    /// <see cref="RequireScope"/>.
    /// </summary>
    public static TBuilder AddBearerTokens<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // AddAuthentication is not used because it adds data protection, which creates keys in the home directory at each
        // start.
        builder.Services.AddAuthenticationCore().AddWebEncoders();
        builder.Services.AddSingleton<IAuthenticationConfigurationProvider, Configured>();
        new AuthenticationBuilder(builder.Services).AddJwtBearer(Configure);
        builder.Services.AddAuthorization();
        builder.Services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, SigningKeys>();
        builder.Services.AddOptions<JwtBearerOptions>(Scheme).ValidateOnStart();
        if (builder.Environment.IsDevelopment())
        {
            DeveloperTokens.Add(builder);
        }

        return builder;
    }

    /// <summary>
    /// Requires a token with the scope: 401 without a valid token, 403 without the scope. <c>WWW-Authenticate</c> says which
    /// (RFC 6750, section 3).
    /// </summary>
    public static TEndpoint RequireScope<TEndpoint>(this TEndpoint endpoint, Scope scope)
        where TEndpoint : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(scope.Policy)
            .WithMetadata(scope, Refusal(StatusCodes.Status401Unauthorized), Refusal(StatusCodes.Status403Forbidden));

    /// <summary>Sets <c>WWW-Authenticate</c> of a 401 or a 403 to the error and the scope of the route.</summary>
    /// <param name="error">An error code of RFC 6750, section 3.1; null when the request has no token.</param>
    public static void SetChallenge(this HttpContext context, string? error)
    {
        var scope = context.GetEndpoint()?.Metadata.GetMetadata<Scope>();
        string?[] parameters =
        [
            error is null ? null : $"error=\"{error}\"",
            error == InsufficientScope && scope?.IsGrantedTo(context.User) == true
                ? "error_description=\"The token has the scope, and not the claims that the route needs.\""
                : null,
            scope is null ? null : $"scope=\"{scope.Name}\"",
        ];
        context.Response.Headers.WWWAuthenticate = $"{Scheme} {string.Join(", ", parameters.OfType<string>())}".TrimEnd();
    }

    private static ProducesResponseTypeMetadata Refusal(int status) =>
        new(status, typeof(ProblemDetails), ["application/problem+json"]);

    private static void Configure(JwtBearerOptions options)
    {
        options.MapInboundClaims = false;

        // ASP.NET Core validates issuer and audience only when they are configured, and would otherwise accept tokens that the
        // authority issued for another application.
        options.TokenValidationParameters.ValidateIssuer = true;
        options.TokenValidationParameters.ValidateAudience = true;
        options.TokenValidationParameters.RequireExpirationTime = true;

        // A webhook may have an Authorization header of its own, which must not be validated as our token.
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = IgnoreWhereNoneIsAskedFor,
            OnChallenge = Challenge,
            OnForbidden = Forbid,
        };
    }

    // No description: a caller without a valid token must not learn which check it failed.
    private static Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.HttpContext.SetChallenge(context.AuthenticateFailure is null ? null : "invalid_token");
        return Task.CompletedTask;
    }

    private static Task Forbid(ForbiddenContext context)
    {
        context.HttpContext.SetChallenge(InsufficientScope);
        return Task.CompletedTask;
    }

    private static Task IgnoreWhereNoneIsAskedFor(MessageReceivedContext context)
    {
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<Scope>() is null)
        {
            context.NoResult();
        }

        return Task.CompletedTask;
    }

    private sealed class Configured(IConfiguration configuration) : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration => configuration.GetSection(Root);
    }
}
