using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scope = Aspire.Webhooks.ServiceDefaults.Access.Scope;

namespace Aspire.Webhooks.Api;

/// <summary>An OpenAPI document, at <c>/openapi/v1.json</c>. Routes state their answers where they are mapped.</summary>
public static class OperatorDocumentation
{
    private const string Bearer = "bearer";

    /// <summary>Says what operators' routes ask for. The caller calls <c>AddOpenApi</c>, which finds the doc comments of its project.</summary>
    /// <param name="options">The service's.</param>
    /// <param name="title">The service's name.</param>
    /// <param name="description">What it does, in a sentence.</param>
    public static void DescribeOperators(this OpenApiOptions options, string title, string description)
    {
        options.AddDocumentTransformer((document, _, _) => DescribeAsync(document, title, description));
        options.AddOperationTransformer(DescribeAccessAsync);
        options.AddOperationTransformer(DescribeBodyAsync);
        options.AddOperationTransformer(QueryDocumentation.DescribeAsync);
    }

    private static Task DescribeAsync(OpenApiDocument document, string title, string description)
    {
        document.Info = new()
        {
            Title = title,
            Version = "v1",
            Description = $"{description} Errors are problem details (RFC 9457) with a trace_id.",
        };
        document.Components ??= new();
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = $"A token whose scope (or scp) names what a route asks for. {string.Join(' ', Scope.All.Select(scope => $"{scope.Name}: {scope.Meaning}"))}",
        });
        return Task.CompletedTask;
    }

    private static Task DescribeAccessAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Scope>().LastOrDefault() is { } scope)
        {
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [scope.Name] }];
        }

        return Task.CompletedTask;
    }

    private static async Task DescribeBodyAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<RequestBodyType>().LastOrDefault() is { } body)
        {
            var schema = await context.GetOrCreateSchemaAsync(body.Type, null, cancellationToken);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = schema } },
            };
        }
    }
}
