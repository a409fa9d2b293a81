using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? Message { get; init; }
}

/// <summary>Starts and stops single resources, as the buttons on Aspire's dashboard do.</summary>
public sealed class ResourceCommandService(
    DistributedApplicationModel model, ResourceNotificationService notifications, IServiceProvider services)
{
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        if (model.Resources.FirstOrDefault(r => r.Name == resourceId) is not Resource resource)
        {
            return new ExecuteCommandResult { Success = false, Message = $"There is no resource '{resourceId}'." };
        }

        // Asked for late: the orchestrator is made with the application, after this.
        var orchestrator = services.GetRequiredService<Orchestrator>();
        if (commandName != KnownResourceCommands.StartCommand)
        {
            await orchestrator.StopAsync(resource).WaitAsync(cancellationToken);
        }

        if (commandName == KnownResourceCommands.StopCommand)
        {
            return new ExecuteCommandResult { Success = true };
        }

        if (notifications.TryGetCurrentState(resource.Name, out var change) && !ResourceNotificationService.HasEnded(change))
        {
            return new ExecuteCommandResult { Success = false, Message = $"'{resourceId}' is {change.Snapshot.State?.Text} already." };
        }

        orchestrator.Start(resource);
        return new ExecuteCommandResult { Success = true };
    }
}
