using Aspire.Webhooks;
using Aspire.Webhooks.Documentation;
using Aspire.Webhooks.Sender.Admin;
using Aspire.Webhooks.Sender.Cli;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Sender.EventTypes;
using Aspire.Webhooks.Sender.Messages;
using Aspire.Webhooks.Sender.Secrets;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Storage;

if (await CommandLine.AnswerAsync(args, "Sends signed webhooks.", SendCommand.Create, ListenCommand.Create) is { } exitCode)
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
app.MapMessagesAndDeliveries();
app.MapOpenApi();

await app.RunAsync();
return 0;
