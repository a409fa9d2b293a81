using Aspire.Webhooks.Receiver;
using Aspire.Webhooks.ServiceDefaults;

if (await CommandLine.AnswerAsync(args, "Receives signed webhooks.") is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddReceiver();

var app = builder.Build();
app.MapReceiver();

await app.RunAsync();
return 0;
