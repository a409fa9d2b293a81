using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary><c>POST /api/v1/webhooks/{id}/ping</c>.</summary>
internal static class PingRoute
{
    public static async Task<Results<Ok<PingView>, ProblemHttpResult>> HandleAsync(
        MerchantId merchant, Guid id, EndpointQueries reader, EndpointPing ping, PingRates rates, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await reader.RowAsync(merchant.Value, id, cancellationToken) is not { } stored)
        {
            return EndpointProblems.NotFound();
        }

        if (reader.ToSend(stored) is not { } endpoint)
        {
            return EndpointProblems.Unreadable();
        }

        if (endpoint.Secrets.Count == 0)
        {
            return EndpointProblems.NoSecret();
        }

        return rates.Take(merchant.Value) is { } retryAfter
            ? EndpointProblems.TooManyPings(response, retryAfter)
            : TypedResults.Ok(await ping.SendAsync(endpoint, cancellationToken));
    }
}
