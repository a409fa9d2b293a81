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
    /// Adds bearer tokens as ASP.NET Core's own section <c>Authentication:Schemes:Bearer</c> configures them: signing keys
    /// that <c>dotnet user-jwts</c> makes in Development (<see cref="DeveloperTokens"/>), an OpenID Connect issuer
    /// (<c>Authority</c>, <c>ValidAudiences</c>) elsewhere. Without the section no token is valid. Routes ask for one by
    /// <see cref="RequireScope"/>.
    /// </summary>
    public static TBuilder AddBearerTokens<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        // Not AddAuthentication: that brings data protection, which makes keys at each start and keeps them in the home.
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

    /// <summary>Lets only bearers of a token with the scope through: 401 without a valid token, 403 without the scope.</summary>
    public static TEndpoint RequireScope<TEndpoint>(this TEndpoint endpoint, Scope scope)
        where TEndpoint : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(scope.Policy)
            .WithMetadata(scope, Refusal(StatusCodes.Status401Unauthorized), Refusal(StatusCodes.Status403Forbidden));

    private static ProducesResponseTypeMetadata Refusal(int status) =>
        new(status, typeof(ProblemDetails), ["application/problem+json"]);

    private static void Configure(JwtBearerOptions options)
    {
        options.MapInboundClaims = false;

        // Why a token is refused is nobody's business who cannot make a valid one.
        options.IncludeErrorDetails = false;

        // ASP.NET Core looks at issuer and audience only where some are configured, and would let in whom the authority
        // knows for another application.
        options.TokenValidationParameters.ValidateIssuer = true;
        options.TokenValidationParameters.ValidateAudience = true;
        options.TokenValidationParameters.RequireExpirationTime = true;

        // A webhook may carry an Authorization header of its own, which is no token of ours and not judged as one.
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
