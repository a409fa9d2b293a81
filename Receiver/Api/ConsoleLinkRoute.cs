using Aspire.Webhooks.Api;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Api;

public static class ConsoleLinkRoute
{
    /// <summary>Maps <c>GET /ui</c>, which leads to the page of phone messages in the Console.</summary>
    public static void MapConsoleLink(this WebApplication app) =>
        app.MapGet("/ui", Lead).WithTags("Messages").WithSummary("Leads to the page of phone messages in the Console.");

    private static Results<RedirectHttpResult, ProblemHttpResult> Lead(IOptions<LinksOptions> links) =>
        links.Value.ToConsole("/phone-messages") is { } url
            ? TypedResults.Redirect(url)
            : TypedResults.Problem(
                "The Console is not known here: set Webhooks:Links:Console.", statusCode: StatusCodes.Status404NotFound);
}
