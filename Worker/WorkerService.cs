using System.Reflection;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Egress;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Messages;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Series;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Storage;
using Aspire.Webhooks.Worker.Agents;
using Aspire.Webhooks.Worker.Api;
using Aspire.Webhooks.Worker.Events;
using Aspire.Webhooks.Worker.Mcp;
using Aspire.Webhooks.Worker.Retention;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Server;

namespace Aspire.Webhooks.Worker;

/// <summary>What the Worker consists of, in the order in which data meets it.</summary>
public static class WorkerService
{
    // Agents call models, which are paid for and limited.
    private const int MostTasks = 64;

    // Tools' results are ours to handle: no JSON is made of them.
    private static readonly Func<object?, Type?, CancellationToken, ValueTask<object?>> AsIs =
        (result, _, _) => ValueTask.FromResult(result);

    public static WebApplicationBuilder AddWorker(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddRedisClient("redis");
        builder.AddWebhookStorage();
        builder.AddBearerTokens();
        builder.Services
            .AddEvents()
            .AddAgents()
            .AddJobPump<EventJobHandler, StoredEvent?>()
            .AddJobPump<TaskJobHandler, LoadedTask?>()
            .AddWebhookListener<TaskResultListener>()
            .AddDatabaseGauges(ApprovalRequests.Pending)
            .AddHostedService<SilentSources>()
            .AddRetention()
            .AddApi();
        return builder;
    }

    public static WebApplication MapWorker(this WebApplication app)
    {
        app.ValidateOptions();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDefaultEndpoints();
        app.MapTasks();
        app.MapApprovals();
        app.MapPlaybooks();
        app.MapSeries(SeriesDefinition.OfWorker);
        app.MapQueue();
        app.MapDocumentation();
        return app;
    }

    /// <summary>Adds the MCP server for agents outside, over standard input and output. It runs no jobs.</summary>
    /// <param name="agent">What the agent is called.</param>
    public static HostApplicationBuilder AddMcp(this HostApplicationBuilder builder, string agent)
    {
        builder.AddWebhookStorage();
        builder.Services.AddEvents().AddAgents();
        builder.Services.AddJobQueue().AddJobOptions(JobKind.Task);
        builder.Services.AddTaskReading().AddScoped<EventQueries>().AddSingleton<ReplayStore>().AddSingleton<AuditLog>();
        builder.Services.AddTranscriptRetention();
        builder.Services.AddCheckedOptions<McpOptions>(McpOptions.Section);
        builder.Services
            .AddSingleton(new AgentName(agent))
            .AddSingleton<ExternalTasks>()
            .AddSingleton<AgentReplays>()
            .AddSingleton<WorkLoader>()
            .AddSingleton<RedactedAnswer>();
        builder.Services
            .AddMcpServer(options =>
            {
                options.ServerInfo = new() { Name = "aspire-webhooks", Title = "Aspire.Webhooks", Version = Version() };
                options.ServerInstructions = McpInstructions.Text;
            })
            .WithStreamServerTransport(new WellFormedInput(Console.OpenStandardInput()), Console.OpenStandardOutput())
            .WithTools<EventTools>()
            .WithTools<TaskTools>()
            .WithTools<LeaseTools>()
            .WithTools<OutcomeTools>()
            .WithRequestFilters(filters => filters.AddCallToolFilter(ToolFailures.Answer));
        builder.Services.PostConfigure<McpServerOptions>(options =>
        {
            foreach (var tool in options.ToolCollection!)
            {
                tool.ProtocolTool.InputSchema = ToolArguments.Close(tool.ProtocolTool.InputSchema);
            }
        });
        return builder;
    }

    /// <summary>
    /// Adds what runs agents: playbooks, the chat clients <c>rules</c> and <c>openai</c>, tools, steps and transcripts. A client
    /// of your own is added with <see cref="AddAgentClient{TClient}"/>; a playbook names its key.
    /// </summary>
    public static IServiceCollection AddAgents(this IServiceCollection services)
    {
        services.AddCheckedOptions<PlaybooksOptions>(PlaybooksOptions.Section)
            .Check((options, provider) => ActivatorUtilities.CreateInstance<PlaybooksValidation>(provider).Errors(options));
        services.AddCheckedOptions<OpenAIOptions>(OpenAIOptions.Section).Check(OpenAIOptions.Errors);
        services.AddCheckedOptions<TranscriptOptions>(TranscriptOptions.Section);
        return services
            .Configure<JobOptions>(nameof(JobKind.Task), jobs => jobs.Concurrency = MostTasks)
            .AddOperatorEvents()
            .AddSingleton<PlaybookCatalog>()
            .AddAgentClient<RulesChatClient>(RulesAgent.Name)
            .AddAgentClient<OpenAIChatClient>(OpenAIOptions.Agent)
            .AddTools()
            .AddSingleton<AgentRun>()
            .AddSingleton<ModelCalls>()
            .AddSingleton<ToolCalls>()
            .AddSingleton<ApprovalRequests>()
            .AddSingleton<StepStore>()
            .AddSingleton<Transcript>()
            .AddSingleton<TaskStore>()
            .AddSingleton<TaskCompletion>();
    }

    /// <summary>
    /// Adds a chat client under the key by which playbooks name it, with a span and metrics for each of its calls. What was said
    /// is no part of them, whatever the environment asks for: the steps have it.
    /// </summary>
    public static IServiceCollection AddAgentClient<TClient>(this IServiceCollection services, string key)
        where TClient : class, IChatClient
    {
        // Without a logger: the line of the job that failed has the exception.
        services.AddKeyedChatClient(key, provider => ActivatorUtilities.CreateInstance<TClient>(provider))
            .UseOpenTelemetry(NullLoggerFactory.Instance, WebhookTelemetry.Name, client => client.EnableSensitiveData = false);
        return services;
    }

    /// <summary>Adds a tool that playbooks may name.</summary>
    public static IServiceCollection AddAgentTool(this IServiceCollection services, Func<IServiceProvider, AgentTool> tool) =>
        services.AddSingleton(tool);

    private static IServiceCollection AddEvents(this IServiceCollection services) => services
        .AddSingleton<EventStore>()
        .AddSingleton<ListenerCatalog>()
        .AddSingleton<CompletedListeners>()
        .AddSingleton<ListenerRun>();

    private static IServiceCollection AddRetention(this IServiceCollection services) => services
        .AddTranscriptRetention()
        .AddSingleton<RetentionRun>()
        .AddHostedService<RetentionService>()
        .AddSingleton<SeriesRollup>()
        .AddHostedService<SeriesService>();

    private static IServiceCollection AddTranscriptRetention(this IServiceCollection services)
    {
        services.AddCheckedOptions<RetentionOptions>(RetentionOptions.Section)
            .Check((options, provider) => options.Errors(provider.GetRequiredService<IConfiguration>()));
        return services.AddHostedService<TranscriptRetention>();
    }

    private static IServiceCollection AddTools(this IServiceCollection services) => services
        .AddEgressGuard()
        .AddSingleton<FetchUrl>()
        .AddAgentTool(provider => new(FetchUrl.Name, context => Function(
            FetchUrl.Name, FetchUrl.Description(context.Playbook), provider.GetRequiredService<FetchUrl>().For(context)))
        {
            Check = context => AIFunctionFactory.Create(provider.GetRequiredService<FetchUrl>().Check(context)),
        })
        .AddAgentTool(provider => ReadEventTool(provider))
        .AddAgentTool(provider => new(SendMessage.Name, context => Function(
            SendMessage.Name, SendMessage.Description(context.Playbook),
            new SendMessage(context, provider.GetRequiredService<TimeProvider>()).Prepare))
        {
            ReturnsEffect = true,
        });

    // The tool does nothing but read: a call that can be made is its own check.
    private static AgentTool ReadEventTool(IServiceProvider provider)
    {
        return new(ReadEvent.Name, Create) { Check = Create };

        AIFunction Create(ToolContext context) =>
            Function(
                ReadEvent.Name, ReadEvent.Description,
                new ReadEvent(context.Event, provider.GetRequiredService<Redactor>()).Read);
    }

    private static AIFunction Function(string name, string description, Delegate method) => AIFunctionFactory.Create(
        method,
        new AIFunctionFactoryOptions
        {
            Name = name, Description = description, MarshalResult = AsIs, ExcludeResultSchema = true,
        });

    private static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddTaskReading()
        .AddSingleton<SeriesQueries>()
        .AddSingleton<AuditLog>()
        .AddSingleton<ContentErasure>()
        .AddSingleton<ApprovalDecisions>()
        .AddOpenApi(options => options.DescribeOperators(
            "Aspire.Webhooks Worker", "Shows operators what agents do, and asks them for approval."));

    // As MSBuild has it, without the commit behind the plus sign.
    private static string Version() => typeof(WorkerService).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
