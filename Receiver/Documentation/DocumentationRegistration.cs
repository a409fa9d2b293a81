using Aspire.Webhooks.Fields;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scope = Aspire.Webhooks.ServiceDefaults.Access.Scope;

namespace Aspire.Webhooks.Receiver.Documentation;

/// <summary>The OpenAPI document, at <c>/openapi/v1.json</c>. Routes state their answers where they are mapped.</summary>
public static class DocumentationRegistration
{
    private const string Bearer = "bearer";

    public static IServiceCollection AddDocumentation(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer(DescribeAsync);
        options.AddOperationTransformer(DescribeAccessAsync);
        options.AddOperationTransformer(DescribeBodyAsync);
        options.AddOperationTransformer(QueryDocumentation.DescribeAsync);
    });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new()
        {
            Title = "Aspire.Webhooks Receiver",
            Version = "v1",
            Description = "Takes in signed webhooks, and shows operators what became of them. Errors are problem details (RFC 9457) with a trace_id.",
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
