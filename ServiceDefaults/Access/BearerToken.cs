using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>Reads the token of a request that is not for the issuer's handler.</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Returns the token; null when the request has none, or more than one header of that name.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization is [{ } only] && only.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? only[Scheme.Length..].Trim()
            : null;
}
