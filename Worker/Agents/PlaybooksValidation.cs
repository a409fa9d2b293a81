using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Finds the errors of all playbooks that concern more than a single value, each beginning with its key.</summary>
internal sealed class PlaybooksValidation(IEnumerable<AgentTool> tools, IServiceProviderIsKeyedService agents)
{
    private readonly string[] _tools = [.. tools.Select(tool => tool.Name).Order(StringComparer.Ordinal)];

    public IEnumerable<string> Errors(PlaybooksOptions options) => options.SelectMany(playbook =>
        Errors(playbook.Value).Select(error => $"{PlaybooksOptions.Section}:{playbook.Key}:{error}"));

    private IEnumerable<string> Errors(PlaybookOptions playbook) =>
        [.. TypeErrors(playbook), .. AgentErrors(playbook), .. ToolErrors(playbook)];

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
            // External agents have their own tools, so those of the Worker would have no effect.
            if (playbook.Tools.Count > 0)
            {
                yield return "Tools are for agents that the Worker runs; an external one brings its own.";
            }
        }
        else if (!agents.IsKeyedService(typeof(IChatClient), playbook.Agent))
        {
            yield return $"Agent is '{playbook.Agent}', which is not registered; there are rules, openai, external and each "
                + $"IChatClient under its key.";
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
