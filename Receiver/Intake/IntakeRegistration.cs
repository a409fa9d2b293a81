using Aspire.Webhooks.Jobs;
using Aspire.Webhooks.Receiver.Documentation;
using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Receiver.Intake;

public static class IntakeRegistration
{
    public static WebApplicationBuilder AddIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<IntakeOptions>()
            .BindConfiguration(IntakeOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services
            .AddJobQueue()
            .AddSingleton<SourceCatalog>()
            .AddSingleton<IntakeQueue>()
            .AddSingleton<EventLedger>()
            .AddSingleton<DedupeHint>()
            .AddSingleton<ReceiveEndpoint>()
            .AddHostedService<IntakeWriter>();
        return builder;
    }

    public static void MapIntake(this WebApplication app)
    {
        // Made here, so that a source that is not configured right stops the start.
        var endpoint = app.Services.GetRequiredService<ReceiveEndpoint>();
        app.MapPost("/webhooks/{source}", endpoint.HandleAsync).DescribeIntake();
    }
}
