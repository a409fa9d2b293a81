using Aspire.Webhooks.Sender;
using Aspire.Webhooks.ServiceDefaults;

if (await CommandLine.AnswerAsync(args, "Delivers messages to merchants' endpoints as signed webhooks.") is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddSender();

var app = builder.Build();
app.MapSender();

await app.RunAsync();
return 0;
