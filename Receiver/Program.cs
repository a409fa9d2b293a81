using Aspire.Webhooks.Receiver.Events;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Storage;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddWebhookStorage();
builder.AddIntake();
builder.Services.AddScoped<EventReader>();

var app = builder.Build();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.MapDefaultEndpoints();
app.MapIntake();
app.MapEvents();

await app.RunAsync();
