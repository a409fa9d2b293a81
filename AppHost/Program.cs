using Aspire.Webhooks.AppHost;
using Aspire.Webhooks.AppHost.Deployment;
using Aspire.Webhooks.ServiceDefaults;

if (await CommandLine.AnswerAsync(args, "Starts the stores, the services and the dashboard on this machine.") is { } exitCode)
{
    return exitCode;
}

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args, DashboardApplicationName = "Aspire.Webhooks",
});
if (builder.ExecutionContext.IsPublishMode)
{
    AzureStack.Add(builder);
    return await builder.Build().RunToEndAsync();
}

builder.Configuration.AddDotEnv(builder.EnvFile());
builder.AddRun();

var stores = builder.AddStores();
var secrets = builder.AddSourceSecrets();

var receiver = builder.AddService<Projects.Receiver>("receiver", icon: "ArrowDownload")
    .WithStores(stores)
    .WithSecrets(secrets)
    .WithPreviousSecrets(secrets)
    .WithCommands(secrets);

var worker = builder.AddService<Projects.Worker>("worker", icon: "Bot")
    .WithStores(stores)
    .WithAgents();

var sender = builder.AddService<Projects.Sender>("sender", icon: "Send")
    .WithStores(stores)
    .WithReference(receiver)
    .WithSecrets([.. secrets.Where(secret => secret.Source == "standard")])
    .WithDeliveries();

builder.AddConsole(receiver, worker, sender);

return await builder.Build().RunToEndAsync();
