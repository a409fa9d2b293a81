using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary><c>PATCH /api/v1/webhooks/{id}</c>.</summary>
internal static class UpdateEndpointRoute
{
    public static async Task<Results<Ok<EndpointView>, ProblemHttpResult>> HandleAsync(
        MerchantId merchant, Guid id, Body<UpdateEndpointRequest> body, EndpointRules rules, EndpointStore store,
        EndpointPing ping, PingRates rates, EndpointQueries reader, ClaimsPrincipal user, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        if (await reader.RowAsync(merchant.Value, id, cancellationToken) is not { } stored)
        {
            return EndpointProblems.NotFound();
        }

        var errors = new EndpointErrors();
        var keepsHeaders = request.Headers?.Values.Contains(HeaderRules.Keep, StringComparer.Ordinal) == true;
        var change = Read(request, reader.Headers(stored), rules, errors) with
        {
            KeepsFrom = keepsHeaders ? stored.Headers : null,
        };
        if (errors.Problem is { } problem)
        {
            return problem;
        }

        if (change.Active == true && !stored.Active && stored.DisabledReason != EndpointStates.ByMerchant)
        {
            return EndpointProblems.CannotReactivate(stored.DisabledReason);
        }

        if (change.Url is { } url && url != stored.Url)
        {
            var refused = reader.ToSend(stored) is { } endpoint
                ? await TryAsync(
                    merchant.Value, endpoint with { Url = new Uri(url), Headers = change.Headers ?? endpoint.Headers }, ping,
                    rates, response, cancellationToken)
                : EndpointProblems.Unreadable();
            if (refused is not null)
            {
                return refused;
            }
        }

        if (await store.UpdateAsync(merchant.Value, id, change, Subject.Of(user), cancellationToken))
        {
            return await reader.FindAsync(merchant.Value, id, cancellationToken) is { } found
                ? TypedResults.Ok(found)
                : EndpointProblems.NotFound();
        }

        if (await reader.RowAsync(merchant.Value, id, cancellationToken) is not { } now)
        {
            return EndpointProblems.NotFound();
        }

        // If another request has changed the headers meanwhile, this one starts again, so that it keeps their new values.
        return change.KeepsFrom is { } kept && now.Headers != kept
            ? await HandleAsync(merchant, id, body, rules, store, ping, rates, reader, user, response, cancellationToken)
            : EndpointProblems.CannotReactivate(now.DisabledReason);
    }

    private static EndpointChange Read(
        UpdateEndpointRequest request, IReadOnlyDictionary<string, Secret> headers, EndpointRules rules,
        EndpointErrors errors) => new(
        rules.Url(request.Url, errors), rules.Events(request.Events, errors), rules.Description(request.Description, errors),
        request.Active, HeaderRules.Read(request.Headers, headers, errors.Malformed), request.ChangesRateLimit(),
        EndpointRules.RateLimit(request.RateLimit, errors));

    /// <summary>Pings a new URL.</summary>
    /// <returns>The error answer; null when the URL can be stored.</returns>
    private static async Task<ProblemHttpResult?> TryAsync(
        string merchant, StoredEndpoint endpoint, EndpointPing ping, PingRates rates, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (endpoint.Secrets.Count == 0)
        {
            return EndpointProblems.NoSecret();
        }

        if (rates.Take(merchant) is { } retryAfter)
        {
            return EndpointProblems.TooManyPings(response, retryAfter);
        }

        return await ping.SendAsync(endpoint, cancellationToken) is { Ok: false } answer
            ? EndpointProblems.Unreachable(answer)
            : null;
    }
}
