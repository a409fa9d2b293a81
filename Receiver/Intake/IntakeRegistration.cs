using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

public static class IntakeRegistration
{
    public static WebApplicationBuilder AddIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<IntakeOptions>(IntakeOptions.Section);
        builder.Services.AddCheckedOptions<IdempotencyOptions>(IdempotencyOptions.Section);
        builder.Services.AddCheckedOptions<SchemesOptions>(SchemesOptions.Section);
        builder.Services.AddCheckedOptions<SourcesOptions>(SourcesOptions.Section).Check(SourceReader.Errors);
        builder.Services.BoundConnections();
        builder.Services
            .AddJobQueue()
            .AddSingleton<SourceCatalog>()
            .AddSingleton<SourceRates>()
            .AddSingleton<ArrivingBodies>()
            .AddSingleton<IntakeQueue>()
            .AddSingleton<EventLedger>()
            .AddSingleton<LedgerTimeline>()
            .AddSingleton(Hint)
            .AddSingleton<PoolDelay>()
            .AddSingleton<IntakeGate>()
            .AddHostedService(services => services.GetRequiredService<IntakeGate>())
            .AddSingleton<ReceiveRoutes>()
            .AddSingleton<IntakeWriter>()
            .AddHostedService(services => services.GetRequiredService<IntakeWriter>());
        builder.Services.AddHealthChecks().AddCheck<IntakeWriter>("intake");
        return builder;
    }

    public static void MapIntake(this WebApplication app)
    {
        // The route is short-circuited because webhooks are authenticated by their signature: no middleware looks for a token.
        var endpoint = app.Services.GetRequiredService<ReceiveRoutes>();
        app.MapPost("/webhooks/{source}", endpoint.ReceiveAsync).DescribeIntake().ShortCircuit();
        app.MapGet("/webhooks/{source}", endpoint.Subscribe).DescribeSubscription();
        foreach (var path in app.Services.GetRequiredService<SourceCatalog>().Paths)
        {
            app.MapPost(path, (Delegate)((HttpContext context) => endpoint.ReceiveAtAsync(path, context)))
                .DescribeIntake()
                .ShortCircuit();
        }
    }

    // Anybody can connect, so the number of connections is limited, and so is the unread data of each, which is 1 MiB by
    // default.
    private static void BoundConnections(this IServiceCollection services)
    {
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<IntakeOptions>>((kestrel, intake) =>
        {
            kestrel.Limits.MaxConcurrentConnections = intake.Value.MaxConnections;
            kestrel.Limits.MaxRequestBufferSize = RequestBody.LargestAtOnce;
        });
        services.Configure<SocketTransportOptions>(sockets => sockets.MaxReadBufferSize = RequestBody.LargestAtOnce);
    }

    private static IDedupeHint Hint(IServiceProvider services) =>
        services.GetRequiredService<IOptions<IdempotencyOptions>>().Value.Provider switch
        {
            IdempotencyProvider.Memory => ActivatorUtilities.CreateInstance<MemoryHint>(services),
            IdempotencyProvider.None => new NoHint(),
            _ => ActivatorUtilities.CreateInstance<RedisHint>(services),
        };
}
