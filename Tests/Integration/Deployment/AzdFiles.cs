using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>The Bicep files that azd makes of a manifest: one of all modules, and the values for each container app.</summary>
internal static partial class AzdFiles
{
    /// <summary>Writes what <c>azd provision</c> deploys, with all modules.</summary>
    public static string Infrastructure(PublishedManifest manifest)
    {
        var main = new StringBuilder("""
            targetScope = 'subscription'
            param environmentName string
            param location string
            param principalId string = ''

            """);
        foreach (var (name, parameter) in manifest.OfType("parameter.v0"))
        {
            var input = parameter["inputs"]!["value"]!;
            main.Append((bool?)input["secret"] == true ? "@secure()\n" : "");
            main.Append($"param {Symbol(name)} string{(Default(parameter) is { } value ? $" = '{value}'" : "")}\n");
        }

        main.Append("""
            resource rg 'Microsoft.Resources/resourceGroups@2024-03-01' = {
              name: 'rg-${environmentName}'
              location: location
            }

            """);
        foreach (var (name, module) in manifest.OfType("azure.bicep.v0"))
        {
            main.Append($"module {Symbol(name)} '{module["path"]}' = {{\n  scope: rg\n  params: {{\n    location: location\n");
            foreach (var (parameter, value) in module["params"]!.AsObject())
            {
                main.Append($"    {parameter}: {(parameter == "userPrincipalId" ? "principalId" : Value((string)value!))}\n");
            }

            main.Append("  }\n}\n");
        }

        foreach (var (module, output) in OutputsOf(manifest.Text))
        {
            main.Append($"output {Variable(module, output)} string = {Symbol(module)}.outputs.{output}\n");
        }

        // azd writes the names of these as they are.
        foreach (var (name, _) in manifest.OfType("parameter.v0").Where(parameter => Default(parameter.Resource) is not null))
        {
            main.Append($"output AZURE_PARAMETER_{name} string = {name}\n");
        }

        return main.ToString();
    }

    /// <summary>Writes what <c>azd deploy</c> passes to the module of a service.</summary>
    public static string Parameters(PublishedManifest manifest, string service)
    {
        var deployment = manifest.Resources[service]!["deployment"]!;
        var values = deployment["params"]!.AsObject()
            .Select(parameter => $"param {parameter.Key} = '{Resolved(manifest, service, (string)parameter.Value!)}'\n");
        return $"using './{deployment["path"]}'\n{string.Concat(values)}";
    }

    /// <summary>Replaces the expressions of a value as azd does, outputs by their names.</summary>
    public static string Resolved(PublishedManifest manifest, string service, string value)
    {
        return Expression().Replace(value, match => (match.Groups["name"].Value, match.Groups["property"].Value) switch
        {
            (var name, "containerImage") when name == service => "registry.example.com/image:1",
            (var name, "containerPort") when name == service => "8080",
            (var name, "value") => Default(manifest.Resources[name]!)
                ?? throw new InvalidOperationException($"{match} is secret."),
            (var name, "connectionString") =>
                Resolved(manifest, service, (string)manifest.Resources[name]!["connectionString"]!),
            var (name, output) => Variable(name, output["outputs.".Length..]),
        }).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);
    }

    /// <summary>Returns the default of a parameter; null when azd asks for it.</summary>
    public static string? Default(JsonNode parameter) => (string?)parameter["inputs"]!["value"]!["default"]?["value"];

    private static IEnumerable<(string Module, string Output)> OutputsOf(string manifest) => Output().Matches(manifest)
        .Select(match => (match.Groups["name"].Value, match.Groups["output"].Value)).Distinct();

    // A text that is one expression is that expression; otherwise expressions are parts of the text.
    private static string Value(string value) =>
        Expression().Match(value) is { Success: true } match && match.Length == value.Length
            ? Reference(match)
            : $"'{Expression().Replace(value, part => $"${{{Reference(part)}}}")}'";

    private static string Reference(Match match) => match.Groups["property"].Value == "value"
        ? Symbol(match.Groups["name"].Value)
        : $"{Symbol(match.Groups["name"].Value)}.{match.Groups["property"].Value}";

    private static string Symbol(string name) => name.Replace('-', '_');

    private static string Variable(string module, string output) => $"{Symbol(module)}_{output}".ToUpperInvariant();

    [GeneratedRegex(@"\{(?<name>[a-zA-Z][a-zA-Z0-9-]*)\.(?<property>[a-zA-Z0-9_.]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"\{(?<name>[a-zA-Z0-9-]+)\.outputs\.(?<output>[a-zA-Z0-9_-]+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Output();
}
