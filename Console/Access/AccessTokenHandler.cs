using System.Net.Http.Headers;

namespace Aspire.Webhooks.Console.Access;

/// <summary>Adds the access token of the signed-in person to calls of the services.</summary>
internal sealed class AccessTokenHandler(Person person) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = await person.TokenAsync() is { } token
            ? new AuthenticationHeaderValue("Bearer", token)
            : null;
        return await base.SendAsync(request, cancellationToken);
    }
}
