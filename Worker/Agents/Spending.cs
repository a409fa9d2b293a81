using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>The part of its budget that a task has used in all its runs.</summary>
/// <param name="Steps">The number of model and tool calls.</param>
public sealed record Spending(int Steps, long Tokens, TimeSpan Time)
{
    public static Spending Of(IReadOnlyList<TaskStep> steps) => new(
        steps.Count(step => step.Kind is StepKind.Model or StepKind.Tool),
        steps.Sum(step => step.InputTokens + step.OutputTokens),
        steps.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Duration));

    /// <summary>Returns the limit that does not allow another step; null when all limits do.</summary>
    public string? Exceeded(BudgetOptions budget)
    {
        if (Steps >= budget.Steps)
        {
            return $"The budget of {budget.Steps} steps is used up.";
        }

        if (Tokens >= budget.Tokens)
        {
            return $"The budget of {budget.Tokens} tokens is used up.";
        }

        return Time >= TimeSpan.FromSeconds(budget.Seconds) ? OutOfTime(budget) : null;
    }

    public static string OutOfTime(BudgetOptions budget) => $"The budget of {budget.Seconds} seconds is used up.";
}
