using System.ComponentModel;
using System.Diagnostics;

namespace Aspire.Webhooks.AppHost;

/// <summary>Postgres and Redis as containers.</summary>
internal static class Containers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The stores in containers; null when no container runtime runs.</summary>
    public static Stores? Add(
        IDistributedApplicationBuilder builder,
        IResourceBuilder<ParameterResource> postgresPassword,
        IResourceBuilder<ParameterResource> redisPassword)
    {
        // Aspire itself would start the rest and leave it waiting for ever. What is published always has its containers.
        if (builder.ExecutionContext.IsRunMode && !RuntimeIsUp(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"]))
        {
            return null;
        }

        var postgres = builder.AddPostgres("postgres", password: postgresPassword);
        var redis = builder.AddRedis("redis", password: redisPassword).WithPersistence();
        if (builder.Configuration["Data:Directory"] is { Length: > 0 } data)
        {
            postgres.WithDataBindMount(Path.GetFullPath(Path.Combine(data, "postgres")));
            redis.WithDataBindMount(Path.GetFullPath(Path.Combine(data, "redis")));
        }
        else
        {
            postgres.WithDataVolume();
            redis.WithDataVolume();
        }

        return new Stores(postgres.AddDatabase("webhooks"), redis);
    }

    private static bool RuntimeIsUp(string? forced) =>
        forced is { Length: > 0 } ? Answers(forced) : Answers("docker") || Answers("podman");

    private static bool Answers(string runtime)
    {
        try
        {
            using var info = Process.Start(new ProcessStartInfo(runtime, ["info"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (info is null)
            {
                return false;
            }

            // Read, so that a long answer cannot fill the pipe and stop the command.
            info.BeginOutputReadLine();
            info.BeginErrorReadLine();
            if (info.WaitForExit(Patience))
            {
                return info.ExitCode == 0;
            }

            info.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
