using System.Security.Claims;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Signs people in: operators by OpenID Connect where it is configured and by the AppHost's link in Development, merchants by a
/// link of <c>POST /api/v1/portal-links</c>.
/// </summary>
public static class SignInRoutes
{
    /// <summary>The authentication scheme of the portal, whose sessions are separate from those of operators.</summary>
    internal const string PortalScheme = "Portal";

    /// <summary>The page that asks a merchant for a new link.</summary>
    internal const string PortalEnded = $"{Person.Portal}/ended";

    private const string OutdatedForm = "/outdated-form";
    private const string Cookies = CookieAuthenticationDefaults.AuthenticationScheme;
    private const string OpenIdConnect = OpenIdConnectDefaults.AuthenticationScheme;
    private const string ByPath = "ByPath";
    private const string Section = $"Authentication:Schemes:{OpenIdConnect}";

    // No page makes portal links or erases.
    private static readonly IEnumerable<Scope> Used = Scope.All.Except([Scope.PortalWrite, Scope.EventsErase]);

    // A portal link is valid for a day at most.
    private static readonly TimeSpan PortalLifetime = TimeSpan.FromDays(1);

    internal static void AddSignIn(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var secure = builder.Environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        services.AddHttpContextAccessor();
        services.AddSingleton<Person>().AddSingleton<Sessions>().AddSingleton<DeveloperIssuer>();

        services.AddDataProtection().SetApplicationName("Aspire.Webhooks.Console");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<ConsoleOptions>>((keys, console) =>
        {
            keys.XmlRepository = new CookieKey(console.Value.CookieKey);
            keys.AutoGenerateKeys = false;
        });
        services.AddAuthorization();
        var authentication = services.AddAuthentication(ByPath)
            .AddPolicyScheme(ByPath, null, options => options.ForwardDefaultSelector = context =>
                context.Request.Path.StartsWithSegments(Person.Portal, StringComparison.OrdinalIgnoreCase)
                    ? PortalScheme
                    : Cookies)
            .AddCookie(Cookies, options => Configure(options, "console", "/", "/sign-in/start", "/sign-in?ended=true"))
            .AddCookie(PortalScheme, options => Configure(options, "portal", Person.Portal, PortalEnded, PortalEnded));
        services.AddOptions<CookieAuthenticationOptions>(Cookies).Configure<Sessions>((options, sessions) =>
        {
            options.SessionStore = sessions;
            options.ExpireTimeSpan = Sessions.Lifetime;
            options.Cookie.SecurePolicy = secure;
        });
        services.AddOptions<CookieAuthenticationOptions>(PortalScheme).Configure<IOptions<PortalOptions>>((options, portal) =>
        {
            options.ExpireTimeSpan = PortalLifetime;
            options.Cookie.SecurePolicy = secure;
            AllowEmbedding(options.Cookie, portal.Value);
        });
        services.AddOptions<AntiforgeryOptions>().Configure<IOptions<PortalOptions>>((options, portal) =>
        {
            options.Cookie.Name = "antiforgery";

            // Where a cookie must be secure, antiforgery fails each request over HTTP. This one is no credential.
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            AllowEmbedding(options.Cookie, portal.Value);

            // The content security policy has frame-ancestors.
            options.SuppressXFrameOptionsHeader = true;
        });
        if (builder.Configuration[$"{Section}:Authority"] is { Length: > 0 })
        {
            authentication.AddOpenIdConnect(options => Configure(options, builder.Configuration.GetSection(Section)));
        }
    }

    /// <summary>Returns the errors in the configuration of OpenID Connect, each beginning with its key.</summary>
    public static IEnumerable<string> Errors(IConfiguration configuration)
    {
        if (configuration[$"{Section}:Authority"] is not { Length: > 0 } authority)
        {
            yield break;
        }

        var isHttpAllowed = !configuration.GetValue($"{Section}:RequireHttpsMetadata", true);
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var url)
            || !(url.Scheme == Uri.UriSchemeHttps || (isHttpAllowed && url.Scheme == Uri.UriSchemeHttp)))
        {
            yield return $"{Section}:Authority is the https URL of the issuer.";
        }

        if (string.IsNullOrEmpty(configuration[$"{Section}:ClientId"]))
        {
            yield return $"{Section}:ClientId is missing: it names the Console at the issuer.";
        }
    }

    /// <summary>Redirects a form without a valid antiforgery token to a page about it. By default the answer is empty.</summary>
    internal static void UseOutdatedForms(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            return next(context);
        }

        var isPortal = context.Request.Path.StartsWithSegments(Person.Portal, StringComparison.OrdinalIgnoreCase);
        context.Response.Redirect(isPortal ? Person.Portal + OutdatedForm : OutdatedForm);
        return Task.CompletedTask;
    });

    internal static void MapSignIn(this WebApplication app)
    {
        app.MapGet("/sign-in/start", StartAsync).AllowAnonymous();
        app.MapGet("/sign-in/link", FollowAsync).AllowAnonymous().RequireLocalHost();
        app.MapPost("/sign-out", SignOutAsync).AllowAnonymous();
    }

    // Without an issuer, the page explains how to sign in.
    private static async Task<IResult> StartAsync(string? returnUrl, IAuthenticationSchemeProvider schemes) =>
        await schemes.GetSchemeAsync(OpenIdConnect) is null
            ? Results.LocalRedirect("/sign-in")
            : Results.Challenge(new AuthenticationProperties { RedirectUri = LocalPath(returnUrl) }, [OpenIdConnect]);

    private static async Task<IResult> FollowAsync(string? token, HttpContext context, DeveloperIssuer issuer)
    {
        if (issuer.Create(token ?? "") is not { } accessToken)
        {
            return Results.LocalRedirect("/sign-in?refused=true");
        }

        var (user, properties) = Person.SessionOf(Cookies, accessToken);
        await context.SignInAsync(Cookies, user, properties);
        return Results.LocalRedirect("/");
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.LocalRedirect(OutdatedForm);
        }

        await context.SignOutAsync(Cookies);
        return Results.LocalRedirect("/sign-in?signedOut=true");
    }

    // A link to the sign-in page must not redirect to another site.
    private static string LocalPath(string? url) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) ? url : "/";

    // In a page of another site, browsers send only cookies that allow it, and only over HTTPS.
    private static void AllowEmbedding(CookieBuilder cookie, PortalOptions portal)
    {
        if (portal.FrameAncestors.Count > 0)
        {
            cookie.SameSite = SameSiteMode.None;
            cookie.SecurePolicy = CookieSecurePolicy.Always;
            cookie.Extensions.Add("Partitioned");
        }
    }

    private static void Configure(CookieAuthenticationOptions options, string name, string path, string signIn, string ended)
    {
        options.Cookie.Name = name;
        options.Cookie.Path = path;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.SlidingExpiration = false;
        options.LoginPath = signIn;
        options.ReturnUrlParameter = "returnUrl";

        // A form is not redirected to the issuer: the policy's form-action forbids it, and the posted fields would be lost.
        options.Events.OnRedirectToLogin = context =>
        {
            context.Response.Redirect(HttpMethods.IsGet(context.Request.Method) ? context.RedirectUri : ended);
            return Task.CompletedTask;
        };
    }

    private static void Configure(OpenIdConnectOptions options, IConfigurationSection section)
    {
        options.SignInScheme = Cookies;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // By default the issuer's page POSTs the code, which needs cookies with SameSite=None.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.Authority = section["Authority"];
        options.ClientId = section["ClientId"];
        options.ClientSecret = section["ClientSecret"];
        options.RequireHttpsMetadata = section.GetValue("RequireHttpsMetadata", true);
        options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        var scopes = section.GetSection("Scope").GetChildren().Select(scope => scope.Value).OfType<string>().ToList();
        foreach (var scope in scopes.Count > 0 ? scopes : Used.Select(scope => scope.Name))
        {
            options.Scope.Add(scope);
        }

        options.Events.OnTokenValidated = context =>
        {
            AddClaims(context);
            return Task.CompletedTask;
        };

        // The person refused, or came back too late. The handler has logged the reason.
        options.Events.OnRemoteFailure = context =>
        {
            context.Response.Redirect("/sign-in?failed=true");
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    // The services see the access token, so its scopes decide what is shown, and the session ends when it expires.
    private static void AddClaims(TokenValidatedContext context)
    {
        if (context is not { TokenEndpointResponse: { AccessToken: { Length: > 0 } token } answer, Properties: { } properties })
        {
            return;
        }

        var claims = Person.ClaimsOf(token, properties).ToList();
        if (!claims.Exists(claim => claim.Type is "scope" or "scp") && answer.Scope is { Length: > 0 } granted)
        {
            claims.Add(new Claim("scope", granted));
        }

        var identity = (ClaimsIdentity)context.Principal!.Identity!;
        identity.AddClaims(claims.Where(claim => !identity.HasClaim(claim.Type, claim.Value)));
    }
}
