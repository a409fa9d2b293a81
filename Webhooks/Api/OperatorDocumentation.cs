using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Scope = Aspire.Webhooks.ServiceDefaults.Access.Scope;

namespace Aspire.Webhooks.Api;

/// <summary>
/// The OpenAPI document of a service, at <c>/openapi/v1.json</c>. Routes declare their answers where they are mapped.
/// </summary>
public static class OperatorDocumentation
{
    private const string Bearer = "bearer";

    // Content-Security-Policy: whatever the page's script requests, the browser neither loads from nor sends to another origin.
    private const string OwnOriginOnly = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:";

    /// <summary>
    /// Describes scopes, bodies and query parameters of the operators' routes. The caller calls <c>AddOpenApi</c>, because its
    /// source generator reads the doc comments of the calling project.
    /// </summary>
    /// <param name="options">The OpenAPI options of the service.</param>
    /// <param name="title">The name of the service.</param>
    /// <param name="description">The purpose of the service, in one sentence.</param>
    public static void DescribeOperators(this OpenApiOptions options, string title, string description)
    {
        options.AddDocumentTransformer((document, _, _) => DescribeAsync(document, title, description));
        options.AddOperationTransformer(DescribeAccessAsync);
        options.AddOperationTransformer(DescribeBodyAsync);
        options.AddOperationTransformer(QueryDocumentation.DescribeAsync);
    }

    /// <summary>Maps the document and, in Development, a page at <c>/docs</c> that shows it and can send requests.</summary>
    public static void MapDocumentation(this WebApplication app)
    {
        app.MapOpenApi();
        if (app.Environment.IsDevelopment())
        {
            app.MapScalarApiReference("/docs", Configure).AddEndpointFilter((context, next) =>
            {
                context.HttpContext.Response.Headers.ContentSecurityPolicy = OwnOriginOnly;
                return next(context);
            });
        }
    }

    // Each of these features would call a server of Scalar's.
    private static void Configure(ScalarOptions page)
    {
        page.DefaultFonts = false;
        page.Telemetry = false;
        page.Agent = new() { Disabled = true };
        page.Mcp = new() { Disabled = true };
        page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
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
            Description =
                "A token whose scope (or scp) names what a route asks for. "
                + string.Join(' ', Scope.All.Select(scope => $"{scope.Name}: {scope.Meaning}")),
        });
        return Task.CompletedTask;
    }

    private static Task DescribeAccessAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
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
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new() { Schema = schema },
                },
            };
        }
    }
}
