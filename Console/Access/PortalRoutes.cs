using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>The merchants' portal: its sign-in by a link, and the files that the configuration names.</summary>
public static class PortalRoutes
{
    internal static void MapPortal(this WebApplication app)
    {
        app.MapGet("/portal/link", FollowAsync).AllowAnonymous();
        app.MapGet("/portal/portal.css", (IOptions<PortalOptions> options) => FileOf(options.Value.Stylesheet, "text/css"))
            .AllowAnonymous();
        app.MapGet("/portal/logo", (IOptions<PortalOptions> options) => FileOf(options.Value.Logo, ImageOf(options.Value.Logo)))
            .AllowAnonymous();
    }

    // The token is the Sender's. What it is worth shows when it is used: the page after this one asks the Sender.
    private static async Task<RedirectHttpResult> FollowAsync(string? token, HttpContext context)
    {
        if (token is not { Length: > 0 and < 4096 })
        {
            return TypedResults.LocalRedirect("/portal/ended");
        }

        var (user, properties) = Person.PortalSessionOf(SignInRoutes.PortalScheme, token);
        await context.SignInAsync(SignInRoutes.PortalScheme, user, properties);
        return TypedResults.LocalRedirect("/portal/endpoints");
    }

    private static IResult FileOf(string path, string type) => path.Length > 0 && File.Exists(path)
        ? Results.File(Path.GetFullPath(path), type)
        : Results.NotFound();

    private static string ImageOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".svg" => "image/svg+xml",
        ".webp" => "image/webp",
        _ => "image/png",
    };
}
