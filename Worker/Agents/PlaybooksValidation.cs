using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Finds every error of every playbook at once, each under its key.</summary>
internal sealed class PlaybooksValidation(IEnumerable<AgentTool> tools, IServiceProviderIsKeyedService agents) : IValidateOptions<PlaybooksOptions>
{
    private static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(30);

    private readonly string[] _tools = [.. tools.Select(tool => tool.Name).Order(StringComparer.Ordinal)];

    public ValidateOptionsResult Validate(string? name, PlaybooksOptions options)
    {
        var errors = options
            .SelectMany(playbook => Errors(playbook.Value).Select(error => $"{PlaybooksOptions.Section}:{playbook.Key}:{error}"))
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private IEnumerable<string> Errors(PlaybookOptions playbook) =>
        [.. Missing(playbook), .. TypeErrors(playbook), .. AgentErrors(playbook), .. ToolErrors(playbook), .. LimitErrors(playbook)];

    private static IEnumerable<string> Missing(PlaybookOptions playbook)
    {
        (string Key, string Value)[] required =
        [
            ("Source", playbook.Source),
            ("Instructions", playbook.Instructions),
            ("Merchant", playbook.Merchant),
            ("ResultType", playbook.ResultType),
        ];
        return required.Where(setting => string.IsNullOrWhiteSpace(setting.Value)).Select(setting => $"{setting.Key} is not set.");
    }

    private static IEnumerable<string> TypeErrors(PlaybookOptions playbook)
    {
        if (playbook.EventTypes.Count == 0)
        {
            yield return "EventTypes lists no types; '*' is every type.";
        }

        foreach (var type in playbook.EventTypes)
        {
            if (Try(() => EventTypePattern.Parse(type)) is { } error)
            {
                yield return $"EventTypes: {error}";
            }
        }
    }

    private IEnumerable<string> AgentErrors(PlaybookOptions playbook)
    {
        if (playbook.Agent == Playbook.External)
        {
            // It has its own; what the Worker would give it would have no effect.
            if (playbook.Tools.Count > 0)
            {
                yield return "Tools are for agents that the Worker runs; an external one brings its own.";
            }
        }
        else if (!agents.IsKeyedService(typeof(IChatClient), playbook.Agent))
        {
            yield return $"Agent is '{playbook.Agent}', which is not registered; there are rules, openai, external and each IChatClient under its key.";
        }
    }

    private IEnumerable<string> ToolErrors(PlaybookOptions playbook)
    {
        foreach (var tool in playbook.Tools.Where(tool => !_tools.Contains(tool, StringComparer.Ordinal)))
        {
            yield return $"Tools: there is no '{tool}'; there are {string.Join(", ", _tools)}.";
        }

        foreach (var tool in playbook.RequireApproval.Where(tool => !playbook.Tools.Contains(tool, StringComparer.Ordinal)))
        {
            yield return $"RequireApproval: '{tool}' is not among Tools.";
        }

        foreach (var host in playbook.AllowedHosts.Where(host => !FetchUrl.IsHost(host)))
        {
            yield return $"AllowedHosts: '{host}' is no host: a name in lower case, without scheme, path or '*', "
                + "such as api.github.com or api.github.com:8443.";
        }

        if (playbook.Tools.Contains(FetchUrl.Name) && playbook.AllowedHosts.Count == 0)
        {
            yield return $"AllowedHosts is empty, so that {FetchUrl.Name} can reach nothing.";
        }

        if (playbook.MessageTypes.Exists(string.IsNullOrWhiteSpace))
        {
            yield return "MessageTypes has an empty one.";
        }

        if (playbook.Tools.Contains(SendMessage.Name) && playbook.MessageTypes.Count == 0)
        {
            yield return $"MessageTypes is empty, so that {SendMessage.Name} can send nothing.";
        }
    }

    private static IEnumerable<string> LimitErrors(PlaybookOptions playbook)
    {
        if (playbook.ApprovalExpiry < TimeSpan.FromSeconds(1) || playbook.ApprovalExpiry > MaxExpiry)
        {
            yield return $"ApprovalExpiry is from 00:00:01 to {MaxExpiry:c}.";
        }

        if (playbook.Budget.Steps is < 1 or > 500)
        {
            yield return "Budget:Steps is from 1 to 500.";
        }

        if (playbook.Budget.Tokens is < 100 or > 10_000_000)
        {
            yield return "Budget:Tokens is from 100 to 10000000.";
        }

        if (playbook.Budget.Seconds is < 1 or > 3_600)
        {
            yield return "Budget:Seconds is from 1 to 3600.";
        }
    }

    private static string? Try(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }
}
