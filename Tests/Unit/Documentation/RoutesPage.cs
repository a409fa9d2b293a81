using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Access;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>The generated part of docs/routes.md.</summary>
internal static class RoutesPage
{
    private const string Head = "| route | scope | | query | body | answers |\n|---|---|---|---|---|---|\n";

    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    /// <param name="documents">The services' OpenAPI documents, by the service's name.</param>
    public static string Of(IReadOnlyList<(string Service, JsonElement Document)> documents) =>
        string.Join('\n', [Scopes(), .. documents.Select(Table)]);

    private static string Scopes()
    {
        var rows = Scope.All.Select(scope => $"| `{scope.Name}` | {scope.Meaning} |\n");
        return $"## Scopes\n\n| scope | allows |\n|---|---|\n{string.Concat(rows)}";
    }

    private static string Table((string Service, JsonElement Document) service)
    {
        var document = service.Document;
        var rows = document.GetProperty("paths").EnumerateObject()
            .OrderBy(path => path.Name, StringComparer.Ordinal)
            .SelectMany(path => Methods
                .Where(method => path.Value.TryGetProperty(method, out _))
                .Select(method => Row(document, method, path.Name, path.Value.GetProperty(method))));
        return $"## {service.Service}\n\n{Text(document.GetProperty("info"), "description")}\n\n{Head}{string.Concat(rows)}";
    }

    private static string Row(JsonElement document, string method, string path, JsonElement operation)
    {
        var answers = operation.GetProperty("responses").EnumerateObject().Select(answer => answer.Name);
        string[] cells =
        [
            $"`{method.ToUpperInvariant()} {path}`",
            List(Scopes(operation)),
            $"{Text(operation, "summary")} {Text(operation, "description")}".Trim(),
            List(Query(operation)),
            List(operation.TryGetProperty("requestBody", out var request) ? Members(document, request) : []),
            string.Join(", ", answers.Order(StringComparer.Ordinal)),
        ];
        return $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
    }

    private static IEnumerable<string> Scopes(JsonElement operation) => operation.TryGetProperty("security", out var security)
        ? security[0].GetProperty("bearer").EnumerateArray().Select(name => name.GetString()!)
        : [];

    private static IEnumerable<string> Query(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? parameters.EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() == "query")
            .Select(parameter => parameter.GetProperty("name").GetString()!)
        : [];

    private static IEnumerable<string> Members(JsonElement document, JsonElement request)
    {
        var schema = request.GetProperty("content").GetProperty("application/json").GetProperty("schema");
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            schema = document.GetProperty("components").GetProperty("schemas").GetProperty(name);
        }

        return schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().Select(property => property.Name)
            : [];
    }

    private static string List(IEnumerable<string> names) =>
        string.Join(", ", names.Select(name => $"`{name}`")) is { Length: > 0 } list ? list : "–";

    private static string Text(JsonElement operation, string name) =>
        operation.TryGetProperty(name, out var text) ? text.GetString()!.ReplaceLineEndings(" ") : "";
}
