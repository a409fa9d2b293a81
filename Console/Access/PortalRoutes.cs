using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>Maps the portal's sign-in link, and the logo and stylesheet that the configuration names.</summary>
public static class PortalRoutes
{
    private const int MaxToken = 2048;

    internal static void MapPortal(this WebApplication app)
    {
        app.MapGet("/portal/link", FollowAsync).AllowAnonymous();
        app.MapGet("/portal/portal.css", (IOptions<PortalOptions> options) => FileOf(options.Value.Stylesheet, "text/css"))
            .AllowAnonymous();
        app.MapGet("/portal/logo", (IOptions<PortalOptions> options) => FileOf(options.Value.Logo, ImageOf(options.Value.Logo)))
            .AllowAnonymous();
    }

    // The Sender issued the token and verifies it in each call, the first of which is that of the next page. The session is kept
    // in the cookie: if the Console stored it, strangers could fill its memory with links that they make up.
    private static async Task<RedirectHttpResult> FollowAsync(string? token, HttpContext context)
    {
        if (token is not { Length: > 0 and < MaxToken })
        {
            return TypedResults.LocalRedirect(SignInRoutes.PortalEnded);
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
