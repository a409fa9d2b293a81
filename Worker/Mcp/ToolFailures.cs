using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Npgsql;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>Converts the exceptions of tools to answers that a model can read and act on.</summary>
internal static partial class ToolFailures
{
    // Half of what clients wait for a tool. The first call also waits for this process's start, and for the services' migration.
    private static readonly TimeSpan SchemaLimit = TimeSpan.FromSeconds(30);

    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Answer(
        McpRequestHandler<CallToolRequestParams, CallToolResult> next) =>
        async (request, cancellationToken) =>
        {
            try
            {
                // A client may call a tool right after the start, before the schema is migrated.
                await request.Services!.GetRequiredService<SchemaMigration>().WaitAsync(cancellationToken)
                    .WaitAsync(SchemaLimit, request.Services!.GetRequiredService<TimeProvider>(), cancellationToken);
                ToolArguments.CheckNames(SchemaOf(request), ArgumentsOf(request).Keys);
                return await next(request, cancellationToken);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or McpProtocolException))
            {
                var services = request.Services!;
                if (Said(exception, request) is not { } said)
                {
                    said = exception is TimeoutException or NpgsqlException { IsTransient: true }
                        ? "The database does not answer. Try again in a while."
                        : "An internal error occurred; the server's log has the reason. Nothing was written.";
                    LogFailed(
                        services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ToolFailures)),
                        request.Params?.Name ?? "", exception);
                }

                return new CallToolResult
                {
                    IsError = true,
                    Content = [new TextContentBlock { Text = services.GetRequiredService<Redactor>().Redact(said) }],
                };
            }
        };

    // What the library says about arguments that it cannot read names types of .NET.
    private static string? Said(Exception exception, RequestContext<CallToolRequestParams> request) => exception switch
    {
        ToolException or ContentDeletedException => exception.Message,
        LeaseLostException => $"{exception.Message} Stop working on it: somebody else may.",
        ArgumentException or JsonException or FormatException =>
            ToolArguments.Unreadable(SchemaOf(request), ArgumentsOf(request)).Message,
        _ => null,
    };

    private static JsonElement SchemaOf(RequestContext<CallToolRequestParams> request) =>
        request.MatchedPrimitive is McpServerTool tool ? tool.ProtocolTool.InputSchema : default;

    private static IDictionary<string, JsonElement> ArgumentsOf(RequestContext<CallToolRequestParams> request) =>
        request.Params?.Arguments ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    [LoggerMessage(EventId = 3501, Level = LogLevel.Error, Message = "The MCP tool {Tool} failed.")]
    private static partial void LogFailed(ILogger logger, string tool, Exception exception);
}
