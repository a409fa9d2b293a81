using System.Text.Json;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Monitoring;

/// <summary>deploy/grafana/webhooks.json.</summary>
internal static class Dashboard
{
    private static readonly JsonElement Root = JsonElement.Parse(
        File.ReadAllText(Path.Combine(Repository.Folder, "deploy", "grafana", "webhooks.json")));

    public static IReadOnlyList<JsonElement> Panels { get; } = [.. Root.GetProperty("panels").EnumerateArray()];

    public static IReadOnlyList<string> Variables { get; } =
    [
        .. Root.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Select(variable => variable.GetProperty("name").GetString()!),
    ];

    /// <summary>The expressions for Prometheus.</summary>
    public static IReadOnlyList<string> Expressions { get; } = [.. Targets("expr")];

    /// <summary>The queries for Postgres.</summary>
    public static IReadOnlyList<string> Queries { get; } = [.. Targets("rawSql")];

    /// <summary>The data sources of panels and their targets.</summary>
    public static IEnumerable<string> Sources => Panels.Concat(AllTargets)
        .Where(element => element.TryGetProperty("datasource", out _))
        .Select(element => element.GetProperty("datasource").GetProperty("uid").GetString()!);

    private static IEnumerable<JsonElement> AllTargets => Panels
        .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray() : default);

    private static IEnumerable<string> Targets(string property) => AllTargets
        .Where(target => target.TryGetProperty(property, out _)).Select(target => target.GetProperty(property).GetString()!);
}
