using System.Text;
using System.Text.Json;
using static Aspire.Webhooks.Worker.Agents.PayloadText;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>Summarizes GitHub's <c>push</c> and <c>issues</c> payloads (GitHub docs, "Webhook events and payloads").</summary>
internal static class GitHubSummary
{
    private const int MaxCommits = 5;

    public static AgentResult OfPush(JsonElement push)
    {
        var repository = Text(push, "repository", "full_name");
        var branch = Text(push, "ref") is { } reference && reference.StartsWith("refs/heads/", StringComparison.Ordinal)
            ? reference["refs/heads/".Length..]
            : Text(push, "ref");
        var pusher = Text(push, "pusher", "name") ?? Text(push, "sender", "login");
        var commits = Items(push, "commits");

        var summary = new StringBuilder(
            $"{pusher ?? "Somebody"} pushed {Count(commits.Count, "commit")} to {branch ?? "a branch"} of "
                + $"{repository ?? "a repository"}.");
        foreach (var commit in commits.Take(MaxCommits))
        {
            summary.Append($" {Short(Text(commit, "id"))} {Text(commit, "message")} ({Changes(commit)}).");
        }

        if (commits.Count > MaxCommits)
        {
            summary.Append($" And {commits.Count - MaxCommits} more.");
        }

        return new(summary.ToString(), Facts(
            ("repository", repository), ("branch", branch), ("pusher", pusher),
            ("commits", commits.Count.ToString()), ("head", Text(push, "after")), ("compare", Text(push, "compare"))));
    }

    public static AgentResult OfIssue(JsonElement payload)
    {
        var action = Text(payload, "action") ?? "changed";
        var repository = Text(payload, "repository", "full_name");
        var number = Text(payload, "issue", "number");
        var title = Text(payload, "issue", "title");
        var sender = Text(payload, "sender", "login");
        var labels = string.Join(", ", Items(payload, "issue", "labels").Select(label => Text(label, "name")).OfType<string>());

        var summary = $"{sender ?? "Somebody"} {action} issue #{number} “{title}” in {repository ?? "a repository"}"
            + (labels.Length > 0 ? $", labelled {labels}." : ".");
        return new(summary, Facts(
            ("repository", repository), ("action", action), ("issue", number), ("title", title),
            ("state", Text(payload, "issue", "state")), ("author", Text(payload, "issue", "user", "login")),
            ("url", Text(payload, "issue", "html_url"))));
    }

    private static string Changes(JsonElement commit) =>
        $"+{Items(commit, "added").Count} ~{Items(commit, "modified").Count} −{Items(commit, "removed").Count} files";

    private static string Short(string? commit) => commit is { Length: > 7 } ? commit[..7] : commit ?? "";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static Dictionary<string, string> Facts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var known = new Dictionary<string, string>(facts.Length, StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                known[name] = value;
            }
        }

        return known;
    }
}
