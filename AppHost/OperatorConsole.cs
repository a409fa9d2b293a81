using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

internal static class OperatorConsole
{
    private const string DefaultDashboard = "http://localhost:18888";

    /// <summary>
    /// Adds the Console, which calls the services, and tells the services where it is. In a local run, its link in the dashboard
    /// signs the developer in.
    /// </summary>
    public static void AddConsole(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> receiver,
        IResourceBuilder<ProjectResource> worker, IResourceBuilder<ProjectResource> sender)
    {
        var console = builder.AddWebProject<Projects.Console>("console", icon: "Desktop")
            .WithReference(receiver)
            .WithReference(worker)
            .WithReference(sender)
            .WithEnvironment("Webhooks__Console__ReceiverUrl", receiver.GetEndpoint("http"));
        foreach (var service in (IResourceBuilder<ProjectResource>[])[receiver, worker, sender])
        {
            service.WithEnvironment("Webhooks__Links__Console", console.GetEndpoint("http"));
        }

        if (!builder.ExecutionContext.IsRunMode)
        {
            return;
        }

        var link = new SignInLink();
        builder.Services.AddSingleton(link);
        link.Accept(console);
        foreach (var service in (IResourceBuilder<ProjectResource>[])[receiver, worker, sender])
        {
            link.Trust(service);
        }

        var dashboard = builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] ?? DefaultDashboard;
        console
            .WithEnvironment("Webhooks__Console__TraceUrl", dashboard + "/traces/detail/{trace_id}")
            .WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = (link.Path, "Console"));
    }
}
