using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Api;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Mcp;

if (await CommandLine.AnswerAsync(args, "Runs listeners and agent tasks for what arrived.", McpCommand.Create) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddWebhookStorage();
builder.AddOperators();
builder.Services.AddTasks().AddWebhookListener<TaskResultListener>();
builder.Services.AddJobPump<EventJobHandler, StoredEvent?>().AddJobPump<TaskJobHandler, LoadedTask?>();

var app = builder.Build();
app.ValidateOptions();

app.MapDefaultEndpoints();
app.MapOperators();

await app.RunAsync();
return 0;
