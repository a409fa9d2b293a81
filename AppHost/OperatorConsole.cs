using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

internal static class OperatorConsole
{
    private const string DefaultDashboard = "http://localhost:18888";

    /// <summary>
    /// Adds the Console, which calls the services, and gives the services its URL. Its link in the dashboard signs the developer
    /// in.
    /// </summary>
    public static void AddConsole(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> receiver,
        IResourceBuilder<ProjectResource> worker, IResourceBuilder<ProjectResource> sender)
    {
        var dashboard = builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] ?? DefaultDashboard;
        var link = new SignInLink();
        builder.Services.AddSingleton(link);
        var console = builder.AddWebProject<Projects.Console>("console", icon: "Desktop")
            .WithEnvironment("Webhooks__Console__ReceiverUrl", receiver.GetEndpoint("http"))
            .WithEnvironment("Webhooks__Console__TraceUrl", dashboard + "/traces/detail/{trace_id}")
            .WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = (link.Path, "Console"))
            .WithSignIn(link.Path);
        link.Accept(console);
        foreach (var service in (IResourceBuilder<ProjectResource>[])[receiver, worker, sender])
        {
            console.WithReference(service);
            service.WithEnvironment("Webhooks__Links__Console", console.GetEndpoint("http"));
            link.Trust(service);
        }
    }
}
