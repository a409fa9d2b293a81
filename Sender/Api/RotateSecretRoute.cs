using System.Security.Claims;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Api;

/// <summary><c>POST /api/v1/webhooks/{id}/rotate-secret</c>.</summary>
internal static class RotateSecretRoute
{
    private const long MaxOverlapSeconds = 86_400;

    public static async Task<Results<Ok<RotatedSecretView>, ProblemHttpResult>> HandleAsync(
        MerchantId merchant, Guid id, Body<RotateSecretRequest> body, EndpointSecretRotation rotation, ClaimsPrincipal user,
        HttpResponse response, CancellationToken cancellationToken)
    {
        if (body is not { Value: { } request })
        {
            return body.Problem!;
        }

        var errors = new EndpointErrors();
        var overlap = errors.Malformed.Number("overlap_seconds", request.OverlapSeconds, MaxOverlapSeconds, 0, MaxOverlapSeconds);
        if (errors.Problem is { } problem)
        {
            return problem;
        }

        var (result, secret, othersExpireAt) = await rotation.RotateAsync(
            merchant.Value, id, TimeSpan.FromSeconds(overlap), Subject.Of(user), cancellationToken);
        if (result != RotationResult.Done)
        {
            return result == RotationResult.Unknown ? EndpointProblems.NotFound() : EndpointProblems.TooManySecrets();
        }

        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(View(secret!, othersExpireAt));
    }

    private static RotatedSecretView View(Secret secret, DateTimeOffset othersExpireAt) =>
        EndpointKeys.PublicKey(secret) is { } publicKey
        ? new(EndpointKeys.Asymmetric, null, publicKey, othersExpireAt)
        : new(EndpointKeys.Symmetric, secret.Reveal(), null, othersExpireAt);
}
