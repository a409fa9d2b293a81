using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// Routes that ask for no token in Development. A page from elsewhere cannot read their answers, unless its own name is made
/// to resolve to this machine (DNS rebinding): then it asks for that name.
/// </summary>
public static class LocalPages
{
    /// <summary>Answers 400 to a Host that is neither <c>localhost</c>, a name below it, nor a loopback address.</summary>
    public static TEndpoint RequireLocalHost<TEndpoint>(this TEndpoint endpoint)
        where TEndpoint : IEndpointConventionBuilder =>
        endpoint.AddEndpointFilter(async (context, next) => IsLocal(context.HttpContext.Request.Host.Host)
            ? await next(context)
            : TypedResults.Problem("In Development this is for localhost alone.", statusCode: StatusCodes.Status400BadRequest));

    // Names below localhost never leave the machine (RFC 6761, section 6.3).
    internal static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
