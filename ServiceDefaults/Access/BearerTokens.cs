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

    /// <summary>Requires a token with the scope: 401 without a valid token, 403 without the scope.</summary>
    public static TEndpoint RequireScope<TEndpoint>(this TEndpoint endpoint, Scope scope)
        where TEndpoint : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(scope.Policy)
            .WithMetadata(scope, Refusal(StatusCodes.Status401Unauthorized), Refusal(StatusCodes.Status403Forbidden));

    private static ProducesResponseTypeMetadata Refusal(int status) =>
        new(status, typeof(ProblemDetails), ["application/problem+json"]);

    private static void Configure(JwtBearerOptions options)
    {
        options.MapInboundClaims = false;

        // A caller without a valid token must not learn why it is refused.
        options.IncludeErrorDetails = false;

        // ASP.NET Core validates issuer and audience only when they are configured, and would otherwise accept tokens that the
        // authority issued for another application.
        options.TokenValidationParameters.ValidateIssuer = true;
        options.TokenValidationParameters.ValidateAudience = true;
        options.TokenValidationParameters.RequireExpirationTime = true;

        // A webhook may have an Authorization header of its own, which must not be validated as our token.
        options.Events = new JwtBearerEvents { OnMessageReceived = IgnoreWhereNoneIsAskedFor };
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
