using Aspire.Webhooks.Api;

namespace Aspire.Webhooks.Receiver.Api;

public static class DocumentationRegistration
{
    /// <summary>Adds the OpenAPI document, at <c>/openapi/v1.json</c>.</summary>
    public static IServiceCollection AddDocumentation(this IServiceCollection services) => services.AddOpenApi(options =>
        options.DescribeOperators(
            "Aspire.Webhooks Receiver", "Receives signed webhooks, and shows operators how they were processed."));
}
