using Aspire.Webhooks.Console.Access;
using Aspire.Webhooks.Console.Clients;
using Aspire.Webhooks.Console.Components;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Console;

/// <summary>Registers the Console: sign-in, clients of the services, and pages.</summary>
public static class ConsoleService
{
    // A list of 200 events with their tasks and messages is smaller.
    private const int MaxAnswerBytes = 32 * 1024 * 1024;

    // The largest form has the payload of a dry run, which is at most 2 MiB and up to three times as long in a form.
    private const int MaxFormBytes = 8 * 1024 * 1024;

    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxFormBytes);
        builder.AddSignIn();
        builder.Services.AddCheckedOptions<ConsoleOptions>(ConsoleOptions.Section)
            .Check((options, _) => options.Errors())
            .Check((_, services) => SignInRoutes.Errors(services.GetRequiredService<IConfiguration>()));
        builder.Services.AddCheckedOptions<PortalOptions>(PortalOptions.Section).Check((options, _) => options.Errors());
        builder.Services
            .AddClients()
            .AddPages();
        return builder;
    }

    public static WebApplication MapConsole(this WebApplication app)
    {
        app.ValidateOptions();
        app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.UsePageHeaders();
        app.UseStaticFiles(PageHeaders.ForFiles);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseOutdatedForms();
        app.MapDefaultEndpoints();
        app.MapSignIn();
        app.MapPortal();
        app.MapRazorComponents<App>().RequireAuthorization();
        return app;
    }

    private static IServiceCollection AddClients(this IServiceCollection services)
    {
        services.AddTransient<AccessTokenHandler>();
        Add<ReceiverClient>("receiver");
        Add<WorkerClient>("worker");
        Add<SenderClient>("sender");
        return services;

        void Add<TClient>(string service)
            where TClient : class => services
            .AddHttpClient<TClient>(client =>
            {
                client.BaseAddress = new Uri($"https+http://{service}");
                client.MaxResponseContentBufferSize = MaxAnswerBytes;
            })
            .AddHttpMessageHandler<AccessTokenHandler>();
    }

    private static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services.AddSingleton<PageFiles>();
    }
}
