using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Queue;

/// <summary>Validates the settings of all sources. It reports all errors together, each with its key.</summary>
internal sealed class JobOptionsValidation : IValidateOptions<JobOptions>
{
    private const int MaxRetries = 20;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);

    public ValidateOptionsResult Validate(string? name, JobOptions options)
    {
        var section = $"Webhooks:Jobs:{name}:Sources";
        var errors = options.Sources.SelectMany(source => Errors($"{section}:{source.Key}", source.Value)).ToList();
        if (name == nameof(JobKind.Delivery) && options.Sources.Count > 0)
        {
            errors.Add($"{section}: deliveries have endpoints, not sources; {nameof(JobOptions.PerLane)} is for each of them.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(string path, SourceJobOptions source)
    {
        if (source.Concurrency is < 1 or > 1000)
        {
            yield return $"{path}:Concurrency is {source.Concurrency}; it is from 1 to 1000.";
        }

        var retries = source.Retries ?? [];
        if (retries.Length > MaxRetries)
        {
            yield return $"{path}:Retries lists {retries.Length} waits; {MaxRetries} are the most.";
        }

        foreach (var (at, wait) in retries.Index())
        {
            if (wait <= TimeSpan.Zero || wait > LongestWait)
            {
                yield return $"{path}:Retries:{at} is {wait}; a wait is longer than nothing and at most 7 days.";
            }
        }
    }
}
