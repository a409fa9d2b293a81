using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Queue;

public static class JobRegistration
{
    /// <summary>Works off one kind of job in this process. Needs Redis (<c>AddRedisClient</c>) and storage.</summary>
    public static IServiceCollection AddJobPump<THandler, TWork>(this IServiceCollection services)
        where THandler : class, IJobHandler<TWork>
    {
        services.AddJobQueue();
        services.AddSingleton<THandler>();
        services.AddHostedService<JobPump<THandler, TWork>>();
        return services.AddJobOptions(THandler.Kind);
    }

    /// <summary>How a kind of job is worked off, for a process that does it in another way than a pump does.</summary>
    public static IServiceCollection AddJobOptions(this IServiceCollection services, JobKind kind)
    {
        services.AddCheckedOptions<JobOptions>($"Webhooks:Jobs:{kind}", kind.ToString());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<JobOptions>, JobOptionsValidation>());
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
