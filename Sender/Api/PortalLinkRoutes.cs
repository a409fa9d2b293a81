using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A request for a link to the portal.</summary>
/// <param name="MerchantId">The merchant. A token that names a merchant makes links for that merchant only.</param>
/// <param name="ExpiresInSeconds">How long the link and its session are valid, from 60 to 86400. Default: 3600.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PortalLinkRequest(string? MerchantId = null, long? ExpiresInSeconds = null);

/// <summary>
/// A link that opens the portal for one merchant. It is a credential: whoever has it acts as the merchant until it expires.
/// </summary>
public sealed record PortalLinkView(string Url, DateTimeOffset ExpiresAt);

public static class PortalLinkRoutes
{
    private const long DefaultSeconds = 3600;
    private const long MinSeconds = 60;
    private const long MaxSeconds = 86_400;

    /// <summary>Maps <c>POST /api/v1/portal-links</c>.</summary>
    public static void MapPortalLinks(this WebApplication app) => app
        .MapApi("/api/v1/portal-links", Scope.PortalWrite, ApiRoutes.Applications).MapPost("/", CreateAsync)
        .Writes(Scope.PortalWrite).ReadsBody()
        .WithSummary("Make a link that opens the portal for a merchant until it expires.")
        .WithDescription(
            "Redirect the merchant to it at once: whoever has the link acts as the merchant. "
            + "409: Webhooks:Links:Console is not set.")
        .ProducesProblem(StatusCodes.Status409Conflict);

    /// <summary>Accepts the tokens of these links in addition to those of the issuer.</summary>
    public static IServiceCollection AddPortalLinks(this IServiceCollection services)
    {
        services.AddLinks().AddSingleton<PortalTokens>();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .PostConfigure<PortalTokens>((options, tokens) =>
            {
                var before = options.Events.OnMessageReceived;
                options.Events.OnMessageReceived = async context =>
                {
                    await before(context);
                    if (context.Result is null && BearerToken.Of(context.Request) is { } token
                        && tokens.Read(token) is { } merchant)
                    {
                        context.Principal = merchant;
                        context.Success();
                    }
                };
            });
        return services;
    }

    private static async Task<Results<Ok<PortalLinkView>, ValidationProblem, ProblemHttpResult>> CreateAsync(
        Body<PortalLinkRequest> body, PortalTokens tokens, IOptions<LinksOptions> links, NpgsqlDataSource database,
        AuditLog audit, TimeProvider time, ClaimsPrincipal user, HttpResponse response, CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        var own = Merchant.Of(user);
        if (user.HasClaim(claim => claim.Type == Merchant.Claim) && (own is null || (request.MerchantId ?? own) != own))
        {
            return TypedResults.Problem(
                "The token makes links for its own merchant only.",
                statusCode: StatusCodes.Status403Forbidden);
        }

        var merchant = errors.Text("merchant_id", own ?? request.MerchantId?.Trim() ?? "", Merchant.MaxLength);
        var seconds = errors.Number("expires_in_seconds", request.ExpiresInSeconds, DefaultSeconds, MinSeconds, MaxSeconds);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (links.Value.ToConsole("/portal/link") is not { } page)
        {
            return TypedResults.Problem(
                "The URL of the Console is not set (Webhooks:Links:Console).", statusCode: StatusCodes.Status409Conflict);
        }

        var expiresAt = time.GetUtcNow().AddSeconds(seconds);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await audit.WriteAsync(
            new(
                Subject.Of(user), AuditActions.Create, AuditObjects.PortalLink, merchant!,
                $"It is valid until {expiresAt:yyyy-MM-ddTHH:mm:ssZ}."),
            transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        response.Headers.CacheControl = "no-store";
        var token = Uri.EscapeDataString(tokens.Create(merchant!, expiresAt));
        return TypedResults.Ok(new PortalLinkView($"{page}?token={token}", expiresAt));
    }
}
