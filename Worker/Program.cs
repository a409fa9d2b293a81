using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker;
using Aspire.Webhooks.Worker.Mcp;

const string About = "Runs listeners and agent tasks for what arrived.";
if (await CommandLine.AnswerAsync(args, About, McpCommand.Create, MigrateCommand.Create) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddWorker();

var app = builder.Build();
app.MapWorker();

await app.RunAsync();
return 0;
