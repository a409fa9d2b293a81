using Aspire.Webhooks.Console.Access;
using Aspire.Webhooks.Console.Clients;
using Aspire.Webhooks.Console.Components;
using Aspire.Webhooks.ServiceDefaults;

namespace Aspire.Webhooks.Console;

/// <summary>What the Console consists of: who may look, what it asks the services, and its pages.</summary>
public static class ConsoleService
{
    // A page of 200 events, each with its tasks and messages, has less.
    private const int LargestAnswer = 32 * 1024 * 1024;

    public static WebApplicationBuilder AddConsole(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddSignIn();
        builder.Services.AddCheckedOptions<ConsoleOptions>(ConsoleOptions.Section);
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
                client.MaxResponseContentBufferSize = LargestAnswer;
            })
            .AddHttpMessageHandler<AccessTokenHandler>();
    }

    private static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services.AddSingleton<PageFiles>();
    }
}
