using Aspire.Webhooks.Api;
using Aspire.Webhooks.Sender.Api;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;

if (await CommandLine.AnswerAsync(args, "Delivers messages to merchants' endpoints as signed webhooks.") is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddWebhookStorage();
builder.AddBearerTokens();
builder.AddSecretProtection();
builder.AddLoopbackEndpoint();
builder.Services.AddEventTypes().AddEndpoints().AddMessages().AddAdmin().AddDelivery();
builder.Services.AddOpenApi(options => options.DescribeOperators(
    "Aspire.Webhooks Sender", "Sends merchants' messages to their endpoints, signed, and shows what became of them."));

var app = builder.Build();
app.ValidateOptions();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseAuthentication();
app.UseAuthorization();
app.MapDefaultEndpoints();
app.MapEndpoints();
app.MapEventTypes();
app.MapAdmin();
app.MapPublishing();
app.MapMessages();
app.MapDeliveries();
app.MapRecovery();
app.MapDocumentation();

await app.RunAsync();
return 0;
