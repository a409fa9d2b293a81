using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>A token that a provider sent for an operator to enter.</summary>
/// <param name="Token">The token. Use it only after the provider has accepted it: anybody can send one.</param>
public sealed record VerificationTokenView(string Source, string Token, DateTimeOffset ReceivedAt);

public static class VerificationTokenRoutes
{
    /// <summary>Maps <c>GET /verification-tokens</c>.</summary>
    public static void MapVerificationTokens(this WebApplication app) =>
        app.MapApi("/verification-tokens", Scope.EventsWrite).MapGet("/", List)
        .WithSummary("List the verification tokens that providers sent in the last hour, newest first.")
        .WithDescription(
            "Notion sends one when a subscription is created, and asks for it on its page. They are kept by the process that "
            + "received them. Anybody can send one, so use a token only after the provider has accepted it.");

    private static Ok<Page<VerificationTokenView>> List(VerificationTokens tokens)
    {
        var views = tokens.All().Select(token => new VerificationTokenView(token.Source, token.Token.Reveal(), token.ReceivedAt));
        return TypedResults.Ok(new Page<VerificationTokenView>([.. views], null));
    }
}
