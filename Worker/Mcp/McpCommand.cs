using System.CommandLine;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.Worker.Events;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// <c>mcp</c>: serves external agents over standard input and output until the input ends. It runs no jobs and opens no port.
/// </summary>
public static class McpCommand
{
    private static readonly Option<string> Agent = new("--name")
    {
        Description =
            "What the agent is called in its tasks: 1 to 64 letters, digits, dots, hyphens and underscores. Default: external.",
        DefaultValueFactory = _ => Playbook.External,
    };

    /// <summary>
    /// Creates the command. Its exit code is 0 when the client has ended the session, 1 when the server cannot start.
    /// </summary>
    internal static Command Create()
    {
        Agent.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not { Length: > 0 and <= 64 } name || !name.All(IsNameCharacter))
            {
                result.AddError("--name has 1 to 64 letters, digits, dots, hyphens and underscores.");
            }
        });
        var mcp = new Command("mcp", "Serves agents outside by the Model Context Protocol, over standard input and output.")
        {
            Agent,
        };
        mcp.SetAction(async (result, cancellationToken) => await ServeAsync(result.GetValue(Agent)!, cancellationToken));
        return mcp;
    }

    private static async Task<int> ServeAsync(string agent, CancellationToken cancellationToken)
    {
        // Standard output is reserved for the protocol, so other console output goes to standard error.
        Console.SetOut(Console.Error);
        try
        {
            await Build(agent).RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception)
        {
            // The host has already logged the stack trace.
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static IHost Build(string agent)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            // The environment is that of the service, whose settings these are; the generic host reads only DOTNET_ENVIRONMENT.
            EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"),
            // Clients start servers in any working directory.
            ContentRootPath = File.Exists("appsettings.json") ? null : AppContext.BaseDirectory,
        });
        builder.AddRunningWorker();
        builder.AddServiceDefaults();
        builder.LogToStandardError();
        builder.Logging.AddFilter("ModelContextProtocol", LogLevel.Warning);

        // Redis only saves other processes a poll, so it is optional here.
        if (builder.Configuration.GetConnectionString("redis") is { Length: > 0 })
        {
            builder.AddRedisClient("redis");
        }

        builder.AddMcp(agent);
        var host = builder.Build();
        host.ValidateOptions();
        return host;
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
}
