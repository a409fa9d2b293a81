using Aspire.Webhooks.Sender;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Storage;

const string About = "Delivers messages to merchants' endpoints as signed webhooks.";
if (await CommandLine.AnswerAsync(args, About, MigrateCommand.Create) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddSender();

var app = builder.Build();
app.MapSender();

await app.RunAsync();
return 0;
