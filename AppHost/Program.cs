using Aspire.Webhooks.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
builder.Configuration.AddDotEnv(Path.Combine(builder.AppHostDirectory, "..", ".env"));

var (webhooks, redis) = builder.AddStores();
var standard = builder.AddSecret("WEBHOOK_SECRET_STANDARD", prefix: "whsec_");

var receiver = builder.AddProject<Projects.Receiver>("receiver")
    .WithReference(webhooks).WaitFor(webhooks)
    .WithReference(redis).WaitFor(redis)
    .WithSourceSecrets(standard)
    .WithHttpHealthCheck("/health");

builder.AddProject<Projects.Worker>("worker")
    .WithReference(webhooks).WaitFor(webhooks)
    .WithReference(redis).WaitFor(redis)
    .WithAgents()
    .WithHttpHealthCheck("/health");

builder.AddProject<Projects.Sender>("sender")
    .WithReference(webhooks).WaitFor(webhooks)
    .WithReference(redis).WaitFor(redis)
    .WithReference(receiver)
    .WithSecret(standard)
    .WithDeliveries()
    .WithHttpHealthCheck("/health");

builder.AddReadyTable().Build().Run();
