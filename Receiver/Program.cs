using Aspire.Webhooks.Receiver;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;

if (await CommandLine.AnswerAsync(args, "Receives signed webhooks.", MigrateCommand.Create) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddReceiver();

var app = builder.Build();
app.MapReceiver();

await app.RunAsync();
return 0;
