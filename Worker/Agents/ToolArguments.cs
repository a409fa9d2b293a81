using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Payloads;
using Microsoft.Extensions.AI;

namespace Aspire.Webhooks.Worker.Agents;

/// <summary>A function that says in its schema that it has no other arguments.</summary>
internal sealed class ClosedFunction(AIFunction function) : DelegatingAIFunction(function)
{
    public override JsonElement JsonSchema { get; } = ToolArguments.Close(function.JsonSchema);
}

/// <summary>
/// Compares the arguments of a call with the schema of its tool. An error names arguments as the caller knows them, and no type
/// of .NET.
/// </summary>
internal static class ToolArguments
{
    private const string Properties = "properties";

    /// <summary>Returns the schema with <c>additionalProperties: false</c>: the tool has no other arguments.</summary>
    public static JsonElement Close(JsonElement schema)
    {
        if (Member(schema, Properties) is null)
        {
            return schema;
        }

        var closed = JsonObject.Create(schema)!;
        closed["additionalProperties"] = false;
        return JsonSerializer.SerializeToElement(closed);
    }

    /// <summary>Checks which arguments are there.</summary>
    /// <exception cref="ToolException">One that is required is missing, or the tool does not have one.</exception>
    public static void CheckNames(JsonElement schema, ICollection<string> given)
    {
        if (Member(schema, Properties) is not { ValueKind: JsonValueKind.Object } properties)
        {
            return;
        }

        string[] known = [.. properties.EnumerateObject().Select(property => property.Name)];
        var required = Member(schema, "required") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(name => name.GetString()!)
            : [];
        List<string> errors = [.. required.Except(given, StringComparer.Ordinal).Select(name => $"'{name}' is missing.")];
        var has = known.Length == 0 ? "no arguments" : string.Join(", ", known.Select(name => $"'{name}'"));
        errors.AddRange(
            given.Except(known, StringComparer.Ordinal).Select(name => $"There is no '{name}'; the tool has {has}."));
        if (errors.Count > 0)
        {
            throw DoesNotFit(string.Join(' ', errors));
        }
    }

    /// <summary>Returns the error for arguments that could not be read: it names the first that does not match.</summary>
    public static ToolException Unreadable(JsonElement schema, IEnumerable<KeyValuePair<string, JsonElement>> arguments)
    {
        var errors = arguments.Select(argument =>
            Error(Member(Member(schema, Properties), argument.Key), argument.Key, argument.Value));
        return DoesNotFit(errors.OfType<string>().FirstOrDefault() ?? "A value does not match the tool's schema.");
    }

    /// <summary>Returns the error for one argument that could not be read.</summary>
    public static ToolException Unreadable(JsonElement schema, string name, JsonElement value) =>
        DoesNotFit(Error(Member(Member(schema, Properties), name), name, value) ?? $"'{name}' does not match the tool's schema.");

    private static ToolException DoesNotFit(string why) => new($"The arguments do not fit: {why}");

    // Null where the value matches the schema.
    private static string? Error(JsonElement? schema, string name, JsonElement value)
    {
        if (Member(schema, "type") is not { } type)
        {
            return null;
        }

        string[] types = type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(item => item.GetString()!)]
            : [type.GetString()!];
        if (!Array.Exists(types, known => Is(known, value)))
        {
            return $"'{name}' is {Words(types[0])}.";
        }

        return value.ValueKind == JsonValueKind.Object && Member(schema, "additionalProperties") is { } values
            ? value.EnumerateObject().Select(item => Error(values, $"{name}.{item.Name}", item.Value)).OfType<string>()
                .FirstOrDefault()
            : null;
    }

    private static bool Is(string type, JsonElement value) => type switch
    {
        "string" => PayloadJson.Text(value) is not null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };

    private static string Words(string type) => type switch
    {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "object" => "a JSON object",
        "array" => "a JSON array",
        _ => type,
    };

    private static JsonElement? Member(JsonElement? schema, string name) =>
        schema is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty(name, out var member) ? member : null;
}
