using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Api;

public static class ConsoleLinkRoute
{
    /// <summary>Maps <c>GET /ui</c>, which redirects to the page of phone messages in the Console.</summary>
    public static void MapConsoleLink(this WebApplication app) => app.MapGet("/ui", Redirect)
        .WithTags("Messages")
        .RefuseUnknownParameters()
        .WithSummary("Redirect to the page of phone messages in the Console.")
        .Produces(StatusCodes.Status302Found)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static Results<RedirectHttpResult, ProblemHttpResult> Redirect(IOptions<LinksOptions> links) =>
        links.Value.ToConsole("/phone-messages") is { } url
            ? TypedResults.Redirect(url)
            : TypedResults.Problem(
                "The URL of the Console is not set (Webhooks:Links:Console).", statusCode: StatusCodes.Status404NotFound);
}
