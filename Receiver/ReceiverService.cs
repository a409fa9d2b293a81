using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Receiver.Api;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver;

/// <summary>What the Receiver consists of, in the order in which data meets it.</summary>
public static class ReceiverService
{
    public static WebApplicationBuilder AddReceiver(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddRedisClient("redis");
        builder.AddWebhookStorage();
        builder.AddBearerTokens();
        builder.Services
            .AddJobQueue()
            .AddSources()
            .AddIntake()
            .AddRejections()
            .AddApi();
        return builder;
    }

    public static WebApplication MapReceiver(this WebApplication app)
    {
        app.ValidateOptions();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDefaultEndpoints();
        app.Services.GetRequiredService<ReceiveRoutes>().Map(app);
        app.MapEvents();
        app.MapPhoneMessages();
        app.MapReplays();
        app.MapRejections();
        app.MapSeries(SeriesDefinition.OfReceiver);
        app.MapAudit();
        app.MapVerificationTokens();
        app.MapSources();
        app.MapTestEvents();
        app.MapConsoleLink();
        app.MapDocumentation();
        return app;
    }

    private static IServiceCollection AddSources(this IServiceCollection services)
    {
        services.AddCheckedOptions<SchemesOptions>(SchemesOptions.Section);
        services.AddCheckedOptions<SourcesOptions>(SourcesOptions.Section).Check(SourceParser.Errors);
        return services.AddSingleton<SourceCatalog>();
    }

    private static IServiceCollection AddIntake(this IServiceCollection services)
    {
        services.AddCheckedOptions<IntakeOptions>(IntakeOptions.Section);
        services.AddCheckedOptions<IdempotencyOptions>(IdempotencyOptions.Section);
        services.AddHealthChecks().AddCheck<IntakeWriter>("intake");
        return services
            .BoundConnections()
            .AddEgressGuard()
            .AddSingleton<ProviderClient>()
            .AddSingleton<VerificationTokens>()
            .AddSingleton<ReceiveRoutes>()
            .AddSingleton<SourceRates>()
            .AddSingleton<ArrivingBodies>()
            .AddSingleton<IntakeQueue>()
            .AddSingleton<PoolDelay>()
            .AddSingleton<IntakeGate>()
            .AddHostedService(provider => provider.GetRequiredService<IntakeGate>())
            .AddSingleton<IntakeWriter>()
            .AddHostedService(provider => provider.GetRequiredService<IntakeWriter>())
            .AddSingleton<IdempotentStore>()
            .AddSingleton<LedgerTimeline>()
            .AddSingleton(Hint)
            .AddFirstValues(provider =>
            {
                foreach (var source in provider.GetRequiredService<SourceCatalog>().All)
                {
                    ReceiveMetrics.Begin(source.Name);
                }
            });
    }

    private static IServiceCollection AddRejections(this IServiceCollection services)
    {
        services.AddCheckedOptions<RejectionOptions>(RejectionOptions.Section);
        return services.AddSingleton<RejectionLog>().AddHostedService<RejectionWriter>();
    }

    private static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddLinks()
        .AddTaskReading()
        .AddSingleton<SeriesQueries>()
        .AddScoped<EventQueries>()
        .AddScoped<ReplayQueries>()
        .AddSingleton<ReplayStore>()
        .AddSingleton<SourcePauses>()
        .AddDatabaseGauges(SourcePauses.Paused)
        .AddSingleton<AuditLog>()
        .AddScoped<AuditQueries>()
        .AddSingleton<ContentErasure>()
        .AddSingleton<PhoneMessageQueries>()
        .AddOpenApi(options => options.DescribeOperators(
            "Aspire.Webhooks Receiver", "Takes in signed webhooks, and shows operators what became of them."));

    // Anybody may connect. Their number is bounded, and so is what each has sent that is not read yet, 1 MiB by default.
    private static IServiceCollection BoundConnections(this IServiceCollection services)
    {
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<IntakeOptions>>((kestrel, intake) =>
        {
            kestrel.Limits.MaxConcurrentConnections = intake.Value.MaxConnections;
            kestrel.Limits.MaxRequestBufferSize = RequestBody.LargestAtOnce;
        });
        return services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = RequestBody.LargestAtOnce);
    }

    private static IDedupeHint Hint(IServiceProvider services) =>
        services.GetRequiredService<IOptions<IdempotencyOptions>>().Value.Provider switch
        {
            IdempotencyProvider.Memory => ActivatorUtilities.CreateInstance<MemoryHint>(services),
            IdempotencyProvider.None => new NoHint(),
            _ => ActivatorUtilities.CreateInstance<RedisHint>(services),
        };
}
