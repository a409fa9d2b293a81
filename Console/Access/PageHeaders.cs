using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Adds security headers to all answers. Pages show content that strangers wrote: only our own script runs, nothing is loaded
/// from or sent to another origin, and no other site embeds a page.
/// </summary>
internal static class PageHeaders
{
    private const string Nobody = "'none'";

    /// <summary>Lets browsers cache our files: pages refer to them with a hash of their content in the URL.</summary>
    public static StaticFileOptions ForFiles { get; } = new()
    {
        OnPrepareResponse = context => context.Context.Response.Headers.CacheControl = "public, max-age=31536000, immutable",
    };

    public static void UsePageHeaders(this WebApplication app)
    {
        var portal = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value;
        var forPages = Policy(Nobody);
        var forPortal = Policy(portal.FrameAncestors.Count == 0 ? Nobody : string.Join(' ', portal.FrameAncestors));
        app.Use((context, next) =>
        {
            // When the answer starts: the exception handler removes headers that were set before.
            var isPortal = context.Request.Path.StartsWithSegments(Person.Portal, StringComparison.OrdinalIgnoreCase);
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.ContentSecurityPolicy = isPortal ? forPortal : forPages;
                context.Response.Headers["Referrer-Policy"] = "no-referrer";
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    // Without connect-src, scripts can send no request. So the script reloads the page to refresh it, and the framework's
    // enhanced navigation, which fetches pages, is not used.
    private static string Policy(string ancestors) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        + $"frame-ancestors {ancestors}; base-uri 'none'";
}
