using Aspire.Webhooks.Console;
using Aspire.Webhooks.ServiceDefaults;

if (await CommandLine.AnswerAsync(args, "Shows operators and merchants what the services do.") is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);
builder.AddConsole();

var app = builder.Build();
app.MapConsole();

await app.RunAsync();
return 0;
