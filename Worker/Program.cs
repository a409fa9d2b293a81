using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Worker;
using Aspire.Webhooks.Worker.Mcp;

if (await CommandLine.AnswerAsync(args, "Runs listeners and agent tasks for what arrived.", McpCommand.Create) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddWorker();

var app = builder.Build();
app.MapWorker();

await app.RunAsync();
return 0;
