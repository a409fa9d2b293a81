using Aspire.Webhooks.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
builder.Configuration.AddDotEnv(Path.Combine(builder.AppHostDirectory, "..", ".env"));
builder.AddRun();

var stores = builder.AddStores();
var standard = builder.AddSecret("WEBHOOK_SECRET_STANDARD", "Secret of source standard, and of the endpoint that loops back to it.", prefix: "whsec_");

var receiver = builder.AddService<Projects.Receiver>("receiver", icon: "ArrowDownload")
    .WithStores(stores)
    .WithSourceSecrets(standard);

builder.AddService<Projects.Worker>("worker", icon: "Bot")
    .WithStores(stores)
    .WithAgents();

builder.AddService<Projects.Sender>("sender", icon: "Send")
    .WithStores(stores)
    .WithReference(receiver)
    .WithSecret(standard)
    .WithDeliveries();

return await builder.Build().RunToEndAsync();
