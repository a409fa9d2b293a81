using Aspire.Webhooks.Receiver.Events;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Messages;
using Aspire.Webhooks.Storage;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddWebhookStorage();
builder.AddIntake();
builder.Services.AddScoped<EventReader>();
builder.Services.AddSingleton<MessageReader>();

var app = builder.Build();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.MapDefaultEndpoints();
app.MapIntake();
app.MapEvents();
app.MapMessages();

await app.RunAsync();
