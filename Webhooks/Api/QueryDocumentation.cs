using System.Globalization;
using System.Text.Json.Nodes;
using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Aspire.Webhooks.Api;

/// <summary>
/// Describes the operators' query parameters in the OpenAPI document. The routes bind them as text, so that an invalid value is
/// answered with its own error; the document states their types.
/// </summary>
internal static class QueryDocumentation
{
    private static readonly Dictionary<string, (string Meaning, Func<OpenApiSchema> Schema)> Known = new(StringComparer.Ordinal)
    {
        ["source"] = ("The source's name.", Text),
        ["playbook"] = ("The playbook's name.", Text),
        ["event_type"] = ("The type, exactly.", Text),
        ["endpoint_id"] = ("The endpoint's id.", () => new() { Type = JsonSchemaType.String, Format = "uuid" }),
        ["message_id"] = ("The message's id.", Text),
        ["event_id"] = ("The event's id.", () => new() { Type = JsonSchemaType.String, Format = "uuid" }),
        ["name"] = ("The name of the series.", Text),
        ["by"] = ("The length of a bucket.", () => OneOf(["minute", "hour", "day"])),
        ["since"] = ("At that time or later (RFC 3339).", Time),
        ["until"] = ("Before that time (RFC 3339).", Time),
        ["delivery_id"] = ("The provider's id of the delivery.", Text),
        ["merchant_id"] = ("Whose they are.", Text),
        ["disabled_reason"] = ("Why the endpoint is inactive: merchant, failures or gone.", Text),
        ["reason"] = ("The reason of the refusal, or of the erasure.", Text),
        ["actor"] = ("The sub of a token, or agent:{name}.", Text),
        ["action"] = ("The act.", () => OneOf(AuditActions.All)),
        ["object_kind"] = ("The kind of object that was acted on.", () => OneOf(AuditObjects.All)),
        ["object_id"] = ("The id of the object.", Text),
        ["remote_address"] = ("The IP address that the connection came from.", Text),
        ["cursor"] = ("The next_cursor of the page before. New items do not change the pages that follow.", Text),
        ["limit"] = ("How many items.", () => new()
        {
            Type = JsonSchemaType.Integer, Minimum = "1", Maximum = Paging.MaxLimit.ToString(CultureInfo.InvariantCulture),
            Default = Paging.DefaultLimit,
        }),
    };

    public static Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (!metadata.OfType<ITagsMetadata>()
            .Any(tags => tags.Tags.Any(tag => tag is ApiRoutes.Operators or ApiRoutes.Merchants)))
        {
            return Task.CompletedTask;
        }

        var state = metadata.OfType<StateParameter>().LastOrDefault();
        var parameters = operation.Parameters?.OfType<OpenApiParameter>() ?? [];
        foreach (var parameter in parameters.Where(parameter => parameter.In == ParameterLocation.Query))
        {
            if (Known.TryGetValue(parameter.Name!, out var known))
            {
                parameter.Description = known.Meaning;
                parameter.Schema = known.Schema();
            }
            else if (parameter.Name == "state" && state is not null)
            {
                parameter.Description = state.Meaning;
                parameter.Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String, Enum = [.. state.Names.Select(name => (JsonNode)name)],
                };
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema OneOf(IReadOnlyList<string> names) =>
        new() { Type = JsonSchemaType.String, Enum = [.. names.Select(name => (JsonNode)name)] };

    private static OpenApiSchema Time() => new() { Type = JsonSchemaType.String, Format = "date-time" };
}
