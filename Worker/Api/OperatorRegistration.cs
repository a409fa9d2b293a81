using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Worker.Api;

public static class OperatorRegistration
{
    /// <summary>Adds what operators see and decide of tasks, with its OpenAPI document.</summary>
    public static WebApplicationBuilder AddOperators(this WebApplicationBuilder builder)
    {
        builder.AddBearerTokens();
        builder.Services.AddTaskReading().AddSingleton<ApprovalDecisions>();
        builder.Services.AddOpenApi(options =>
            options.DescribeOperators("Aspire.Webhooks Worker", "Shows operators what agents do, and asks them for approval."));
        return builder;
    }

    /// <summary>Maps <c>/tasks</c>, <c>/approvals</c>, <c>/playbooks</c>, <c>/openapi/v1.json</c> and, in Development, <c>/docs</c>.</summary>
    public static void MapOperators(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapTasks();
        app.MapApprovals();
        app.MapPlaybooks();
        app.MapDocumentation();
    }
}
