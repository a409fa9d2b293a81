using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Sign-in: by OpenID Connect where it is configured, in Development by the link that the AppHost prints, and for merchants by
/// a link of <c>POST /api/v1/portal-links</c>.
/// </summary>
public static class SignInRoutes
{
    /// <summary>The sessions of the portal, which are apart from those of operators.</summary>
    internal const string PortalScheme = "Portal";

    private const string Cookies = CookieAuthenticationDefaults.AuthenticationScheme;
    private const string OpenIdConnect = OpenIdConnectDefaults.AuthenticationScheme;
    private const string ByPath = "ByPath";
    private const string Section = $"Authentication:Schemes:{OpenIdConnect}";

    internal static void AddSignIn(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddHttpContextAccessor();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Person>().AddSingleton<Sessions>().AddSingleton<DeveloperIssuer>();

        // Sessions end with the process, and so may what protects their cookies.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthorization();
        var authentication = services.AddAuthentication(ByPath)
            .AddPolicyScheme(ByPath, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Path.StartsWithSegments(Person.Portal, StringComparison.OrdinalIgnoreCase)
                    ? PortalScheme
                    : Cookies)
            .AddCookie(Cookies, options => Configure(options, "console", "/"))
            .AddCookie(PortalScheme, options => Configure(options, "portal", Person.Portal));
        services.AddOptions<CookieAuthenticationOptions>(Cookies)
            .Configure<Sessions>((options, sessions) => options.SessionStore = sessions);
        services.AddOptions<CookieAuthenticationOptions>(PortalScheme)
            .Configure<Sessions, IOptions<PortalOptions>>((options, sessions, portal) =>
            {
                options.SessionStore = sessions;
                if (portal.Value.FrameAncestors.Count > 0)
                {
                    // In another site's page, browsers send no other cookies.
                    options.Cookie.SameSite = SameSiteMode.None;
                    options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
                    options.Cookie.Extensions.Add("Partitioned");
                }
            });
        if (builder.Configuration[$"{Section}:Authority"] is { Length: > 0 })
        {
            authentication.AddOpenIdConnect(options => Configure(options, builder.Configuration.GetSection(Section)));
        }
    }

    internal static void MapSignIn(this WebApplication app)
    {
        app.MapGet("/sign-in/start", StartAsync).AllowAnonymous();
        app.MapPost("/sign-out", SignOutAsync).AllowAnonymous();
        var link = app.MapGet("/sign-in/link", FollowAsync).AllowAnonymous();
        link.RequireLocalHost();
    }

    // To the issuer, if there is one; else to the page that says how to sign in.
    private static async Task<IResult> StartAsync(string? returnUrl, IAuthenticationSchemeProvider schemes) =>
        await schemes.GetSchemeAsync(OpenIdConnect) is null
            ? Results.LocalRedirect("/sign-in")
            : Results.Challenge(new AuthenticationProperties { RedirectUri = Local(returnUrl) }, [OpenIdConnect]);

    private static async Task<IResult> FollowAsync(string? token, HttpContext context, DeveloperIssuer issuer)
    {
        if (issuer.Create(token ?? "") is not { } made)
        {
            return Results.LocalRedirect("/sign-in?refused=true");
        }

        var (user, properties) = Person.SessionOf(Cookies, made);
        await context.SignInAsync(Cookies, user, properties);
        return Results.LocalRedirect("/");
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.BadRequest();
        }

        await context.SignOutAsync(Cookies);
        return Results.LocalRedirect("/sign-in?signedOut=true");
    }

    // Only a path of our own: a link to the sign-in page must not lead anywhere else.
    private static string Local(string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : "/";

    private static void Configure(CookieAuthenticationOptions options, string name, string path)
    {
        options.Cookie.Name = name;
        options.Cookie.Path = path;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.SlidingExpiration = false;
        options.LoginPath = path == "/" ? "/sign-in/start" : $"{path}/ended";
        options.AccessDeniedPath = path == "/" ? "/sign-in" : $"{path}/ended";
        options.ReturnUrlParameter = "returnUrl";
    }

    private static void Configure(OpenIdConnectOptions options, IConfigurationSection section)
    {
        options.SignInScheme = Cookies;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // The issuer's page would POST the code otherwise, which needs cookies that other sites' requests carry too.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.Authority = section["Authority"];
        options.ClientId = section["ClientId"];
        options.ClientSecret = section["ClientSecret"];
        options.RequireHttpsMetadata = section.GetValue("RequireHttpsMetadata", true);

        // They come back with a link of the issuer's.
        options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        var scopes = section.GetSection("Scope").GetChildren().Select(scope => scope.Value).OfType<string>().ToList();
        foreach (var scope in scopes.Count > 0 ? scopes : Scope.All.Select(scope => scope.Name))
        {
            options.Scope.Add(scope);
        }

        options.Events.OnTokenValidated = context =>
        {
            // What the Console shows follows the access token, which is what the services see; the session ends with it.
            if (context.TokenEndpointResponse is { AccessToken: { Length: > 0 } token } answer && context.Properties is not null)
            {
                var claims = Person.ClaimsOf(token, context.Properties).ToList();
                if (!claims.Exists(claim => claim.Type is "scope" or "scp") && answer.Scope is { Length: > 0 } granted)
                {
                    claims.Add(new Claim("scope", granted));
                }

                var identity = (ClaimsIdentity)context.Principal!.Identity!;
                identity.AddClaims(claims.Where(claim => !identity.HasClaim(claim.Type, claim.Value)));
            }

            return Task.CompletedTask;
        };
    }
}
