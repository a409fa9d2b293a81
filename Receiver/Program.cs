using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Api;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults;
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
builder.Services.AddOperators().AddSingleton<PhoneMessageQueries>();
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
app.MapPhoneMessages();
app.MapReplays();
app.MapRejections();
app.MapDocumentation();

await app.RunAsync();
return 0;
