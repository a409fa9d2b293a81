using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Queue;

public static class JobRegistration
{
    /// <summary>Runs the jobs of one kind in this process. It needs Redis (<c>AddRedisClient</c>) and storage.</summary>
    public static IServiceCollection AddJobPump<THandler, TWork>(this IServiceCollection services)
        where THandler : class, IJobHandler<TWork>
    {
        services.AddJobQueue();
        services.AddSingleton<THandler>();
        services.AddHostedService<JobPump<THandler, TWork>>();
        return services.AddJobOptions(THandler.Kind);
    }

    /// <summary>Adds the settings of a kind of job, for a process that needs them and runs no pump of that kind.</summary>
    public static IServiceCollection AddJobOptions(this IServiceCollection services, JobKind kind)
    {
        var section = $"Webhooks:Jobs:{kind}";
        var options = services.AddCheckedOptions<JobOptions>(section, kind.ToString());
        if (kind == JobKind.Delivery)
        {
            options.Validate(
                jobs => jobs.Sources.Count == 0,
                $"{section}:Sources: deliveries have endpoints, not sources; {nameof(JobOptions.PerLane)} is for each of them.");
        }

        // Retries of agents outside follow the configuration while they work.
        return services.AddSingleton<IOptionsChangeTokenSource<JobOptions>>(provider =>
            new ConfigurationChangeTokenSource<JobOptions>(kind.ToString(), provider.GetRequiredService<IConfiguration>()));
    }

    /// <summary>Adds the queue, for a process that runs no pump.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services)
    {
        services.TryAddSingleton<JobQueue>();
        services.TryAddSingleton<JobWakeup>();
        return services;
    }
}
