using Aspire.Webhooks.Worker.Agent;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Worker.Playbooks;

/// <summary>Finds every error of every playbook at once, each under its key.</summary>
internal sealed class PlaybooksValidation : IValidateOptions<PlaybooksOptions>
{
    public ValidateOptionsResult Validate(string? name, PlaybooksOptions options)
    {
        var errors = options.Playbooks
            .SelectMany(playbook => Errors($"Webhooks:Playbooks:{playbook.Key}", playbook.Value))
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(string path, PlaybookOptions playbook)
    {
        (string Key, string Value)[] required =
        [
            ("Source", playbook.Source),
            ("Instructions", playbook.Instructions),
            ("Merchant", playbook.Merchant),
            ("ResultType", playbook.ResultType),
        ];
        foreach (var (key, value) in required)
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                yield return $"{path}:{key} is not set.";
            }
        }

        if (playbook.EventTypes.Count == 0 || playbook.EventTypes.Exists(string.IsNullOrWhiteSpace))
        {
            yield return $"{path}:EventTypes lists no types; '*' is every type.";
        }

        if (playbook.Agent != RulesAgent.Name)
        {
            yield return $"{path}:Agent is '{playbook.Agent}'; known is {RulesAgent.Name}.";
        }
    }
}
