using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Jobs;

public static class JobRegistration
{
    /// <summary>Works off one kind of job in this process. Needs Redis (<c>AddRedisClient</c>) and storage.</summary>
    public static IServiceCollection AddJobPump<THandler>(this IServiceCollection services)
        where THandler : class, IJobHandler
    {
        services.AddJobQueue();
        services.AddSingleton<THandler>();
        services.AddHostedService<JobPump<THandler>>();
        return services.AddJobOptions(THandler.Kind);
    }

    /// <summary>How a kind of job is worked off, for a process that does it in another way than a pump does.</summary>
    public static IServiceCollection AddJobOptions(this IServiceCollection services, JobKind kind)
    {
        services.AddCheckedOptions<JobPumpOptions>($"Webhooks:Jobs:{kind}", kind.ToString());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<JobPumpOptions>, JobPumpOptionsValidation>());
        return services;
    }

    /// <summary>For a process that only puts jobs in the queue.</summary>
    public static IServiceCollection AddJobQueue(this IServiceCollection services)
    {
        services.TryAddSingleton<JobQueue>();
        services.TryAddSingleton<JobWakeup>();
        return services;
    }
}
