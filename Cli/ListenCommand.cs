using System.CommandLine;
using System.Net;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Aspire.Webhooks.Cli;

/// <summary>
/// <c>listen</c>: runs a server on loopback that verifies and prints requests, for developers who receive webhooks.
/// </summary>
public static class ListenCommand
{
    public const string Name = "listen";

    private const int MaxBodyBytes = 1024 * 1024;

    private static readonly Option<int> Port = SharedOptions.NumberOption(
        "--port", "Where to listen, on loopback alone; 0 takes a free one.", 8090, 0, 65535);

    private static readonly Option<string> Scheme = SharedOptions.SchemeOption(scheme => scheme.Keys is null);

    private static readonly Option<string[]> SecretKey = new("--secret-key")
    {
        Description =
            "The variable that holds the secret, or a whpk_… public key. Once for each secret that is in use. "
            + "Default: WEBHOOK_SECRET_{SCHEME}, else WEBHOOK_SECRET.",
    };

    private static readonly Option<int> Status = SharedOptions.NumberOption(
        "--status", "The answer to what the Receiver would accept; the rest is answered as the Receiver would.", 200, 200, 599);

    /// <summary>Creates the command. Its exit code is 0 on Ctrl-C, 1 when it cannot listen, 2 without a secret.</summary>
    internal static Command Create()
    {
        var listen = new Command(Name, "Listens on this machine, verifies the webhooks that arrive, and prints them.")
        {
            Port, Scheme, SecretKey, Status,
        };
        listen.SetAction(async (result, cancellationToken) => await ListenAsync(result, cancellationToken));
        return listen;
    }

    private static async Task<int> ListenAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var schemeName = result.GetValue(Scheme)!;
        var scheme = SignatureSchemes.ByName[schemeName];
        try
        {
            if (Secrets(result.GetValue(SecretKey) ?? [], schemeName, out var missing) is not { Count: > 0 } secrets)
            {
                await Console.Error.WriteLineAsync($"No secret: set {missing} in the environment or in .env.");
                return 2;
            }

            var requests = new PrintedRequests(scheme, secrets, TimeProvider.System);
            await using var server = Server(result.GetValue(Port), requests, result.GetValue(Status));
            await server.StartAsync(cancellationToken);
            var address =
                server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            await Console.Out.WriteLineAsync($"Listening on {address} for scheme {schemeName}. Ctrl-C ends it.");
            await UntilCancelledAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static List<Secret> Secrets(string[] keys, string scheme, out string missing)
    {
        if (keys.Length == 0)
        {
            keys = SharedOptions.SecretKeys(scheme);
            missing = string.Join(" or ", keys);
            return SecretFile.Find(keys) is { } secret ? [secret] : [];
        }

        var found = keys.Select(key => (Key: key, Secret: SecretFile.Find([key]))).ToList();
        missing = string.Join(" and ", found.Where(key => key.Secret is null).Select(key => key.Key));
        return missing.Length > 0 ? [] : found.ConvertAll(key => key.Secret!);
    }

    // The server ignores the configuration in the environment, which is that of the services.
    private static WebApplication Server(int port, PrintedRequests requests, int status)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            try
            {
                context.Response.StatusCode = await requests.PrintAsync(context.Request) ?? status;
            }
            catch (BadHttpRequestException exception)
            {
                await Console.Error.WriteLineAsync($"A request was refused: {exception.Message}");
                context.Response.StatusCode = exception.StatusCode;
            }
        });
        return app;
    }

    private static async Task UntilCancelledAsync(CancellationToken cancellationToken)
    {
        // The caller that cancels waits for the command to end, so continuations must not run on its thread.
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(cancelled.SetResult))
        {
            await cancelled.Task;
        }
    }
}
