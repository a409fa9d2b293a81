using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// The headers of all answers. Pages show what strangers wrote: no script runs but ours, nothing is loaded from or sent to
/// another origin, and no other page embeds them.
/// </summary>
internal static class PageHeaders
{
    private const string Nobody = "'none'";

    /// <summary>Files have their hash in their URL, so browsers keep them.</summary>
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
            // When the answer starts: the exception handler takes out what was set before.
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

    // Without connect-src, scripts can make no request at all. So the script reloads pages, and links are plain navigation.
    private static string Policy(string ancestors) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        + $"frame-ancestors {ancestors}; base-uri 'none'";
}
