using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary><c>POST /api/v1/webhooks</c>.</summary>
internal static class CreateEndpointRoute
{
    public static async Task<Results<Created<CreatedEndpointView>, ProblemHttpResult>> HandleAsync(
        MerchantId merchant, Body<CreateEndpointRequest> body, EndpointRules rules, EndpointStore store, EndpointPing ping,
        PingRates rates, EndpointQueries reader, ClaimsPrincipal user, HttpResponse response, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new EndpointErrors();
        var endpoint = Read(request, merchant.Value, rules, errors, Guid.CreateVersion7(time.GetUtcNow()));
        if (errors.Problem is { } problem)
        {
            return problem;
        }

        // This check saves a ping that would be for nothing. The check within the transaction decides.
        if (!await store.HasRoomAsync(merchant.Value, cancellationToken))
        {
            return EndpointProblems.Full();
        }

        if (rates.Take(merchant.Value) is { } retryAfter)
        {
            return EndpointProblems.TooManyPings(response, retryAfter);
        }

        var answer = await ping.SendAsync(
            new StoredEndpoint(endpoint.Id, new Uri(endpoint.Url), [endpoint.Secret], endpoint.Headers), cancellationToken);
        if (!answer.Ok)
        {
            return EndpointProblems.Unreachable(answer);
        }

        if (!await store.CreateAsync(endpoint, Subject.Of(user), cancellationToken))
        {
            return EndpointProblems.Full();
        }

        if (await reader.FindAsync(merchant.Value, endpoint.Id, cancellationToken) is not { } created)
        {
            return EndpointProblems.NotFound();
        }

        response.Headers.CacheControl = "no-store";
        var shared = endpoint.Signature == EndpointKeys.Symmetric ? endpoint.Secret.Reveal() : null;
        return TypedResults.Created($"{EndpointRoutes.Path}/{endpoint.Id}", new CreatedEndpointView(created, shared, answer));
    }

    private static NewEndpoint Read(
        CreateEndpointRequest request, string merchant, EndpointRules rules, EndpointErrors errors, Guid id)
    {
        if (request.Url is null)
        {
            errors.Malformed.Add("url", "url is missing.");
        }

        var signature = errors.Malformed.OneOf("signature", request.Signature, EndpointKeys.Signatures) ?? EndpointKeys.Symmetric;
        return new(
            id, merchant, rules.Url(request.Url, errors) ?? "", rules.Events(request.Events, errors) ?? [],
            rules.Description(request.Description, errors) ?? "", request.Active ?? true,
            HeaderRules.Read(request.Headers, CustomHeaders.None, errors.Malformed) ?? CustomHeaders.None, signature,
            EndpointRules.RateLimit(request.RateLimit, errors), EndpointKeys.New(signature));
    }
}
