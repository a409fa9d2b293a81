using Aspire.Webhooks;
using Aspire.Webhooks.Receiver.Documentation;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Messages;
using Aspire.Webhooks.Receiver.Operators;
using Aspire.Webhooks.Receiver.Rejections;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;

if (await CommandLine.AnswerAsync(args, "Receives signed webhooks.") is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddWebhookStorage();
builder.AddBearerTokens();
builder.AddRejections();
builder.AddIntake();
builder.Services.AddOperators().AddSingleton<MessageReader>();
builder.Services.AddDocumentation();

var app = builder.Build();
app.ValidateOptions();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.MapDefaultEndpoints();
app.MapIntake();
app.MapEvents();
app.MapMessages();
app.MapReplays();
app.MapRejections();
app.MapOpenApi();

await app.RunAsync();
return 0;
