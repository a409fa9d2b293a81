using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Commands of the dashboard and of <c>aspire resource</c> for frequent tasks. Each does the same as a command line in the
/// README, with the same programs.
/// </summary>
internal static class Commands
{
    private const string Push = "push";

    /// <summary>Adds "Send a signed test event", "Make a token" and "Replay buried events" to the Receiver.</summary>
    /// <param name="receiver">The Receiver.</param>
    /// <param name="secrets">The secrets of the sources.</param>
    public static IResourceBuilder<ProjectResource> WithCommands(
        this IResourceBuilder<ProjectResource> receiver, IReadOnlyList<Secret> secrets)
    {
        Task<ExecuteCommandResult> SendAsync(ExecuteCommandContext context) => SendEventAsync(context, receiver, secrets);
        Task<ExecuteCommandResult> ReplayAsync(ExecuteCommandContext context) => ReplayBuriedAsync(context, receiver);
        return receiver
            .WithCommand("send-event", "Send a signed test event", SendAsync, new CommandOptions
            {
                Description = "Signs an event as its provider does and posts it to the Receiver.",
                IconName = "Send",
                IsHighlighted = true,
                UpdateState = WhenHealthy,
                Arguments =
                [
                    Choice("source", "Source", "github", [.. secrets.Select(SourceOf).OfType<string>()]),
                    Text("type", "Event type", Push, "GitHub's push sends the README's example, any other a small body."),
                ],
            })
            .WithCommand("make-token", "Make a token", MakeTokenAsync, new CommandOptions
            {
                Description = "Makes a bearer token for all three services by dotnet user-jwts.",
                IconName = "Key",
                Arguments =
                [
                    Text("scopes", "Scopes", "events:read events:write", "Separated by spaces."),
                    Text("merchant", "Merchant", "", "Whose endpoints it opens. Empty: nobody's.", isRequired: false),
                ],
            })
            .WithCommand("replay-buried", "Replay buried events", ReplayAsync, new CommandOptions
            {
                Description = "Processes again each event that was given up.",
                IconName = "ArrowRepeatAll",
                ConfirmationMessage = "Replay all buried events?",
                UpdateState = WhenHealthy,
                Arguments = [Text("reason", "Reason", "From the dashboard", "Kept with the replay.")],
            });
    }

    private static async Task<ExecuteCommandResult> SendEventAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver, IReadOnlyList<Secret> secrets)
    {
        var (source, type) = (Given(context, "source"), Given(context, "type"));
        if (secrets.FirstOrDefault(secret => SourceOf(secret) == source) is not { } secret)
        {
            return CommandResults.Failure($"There is no source '{source}'.");
        }

        var url = new Uri(new Uri(receiver.GetEndpoint("http").Url), $"/webhooks/{source}").AbsoluteUri;
        List<string> arguments = [Services.ProgramOf<Projects.Cli>(), "send", url, "--scheme", source, "--event", type];
        if ((source, type) is ("github", Push))
        {
            var example = Path.Combine(receiver.ApplicationBuilder.RepositoryDirectory(), "docs", "examples", "push.json");
            arguments.AddRange(["--data", $"@{example}"]);
        }

        var value = await secret.Value.GetValueAsync(context.CancellationToken);
        var sent = await RunAsync(arguments, context.CancellationToken, (secret.Key, value));
        return sent.ExitCode == 0
            ? CommandResults.Success($"Sent a {type} event of {source}", Shown(sent.Output, CommandResultFormat.Text))
            : Failed($"The event was not accepted: {sent.Output}{sent.Error}");
    }

    private static async Task<ExecuteCommandResult> MakeTokenAsync(ExecuteCommandContext context)
    {
        var scopes = Given(context, "scopes").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var made = await CreateTokenAsync(scopes, Given(context, "merchant"), context.CancellationToken);
        return made.ExitCode == 0
            ? CommandResults.Success("Made a token", Shown(made.Output, CommandResultFormat.Text))
            : Failed(made.Error + made.Output);
    }

    private static async Task<ExecuteCommandResult> ReplayBuriedAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver)
    {
        var token = await CreateTokenAsync(["events:write"], merchant: "", context.CancellationToken);
        if (token.ExitCode != 0)
        {
            return Failed(token.Error + token.Output);
        }

        using var client = new HttpClient { BaseAddress = new Uri(receiver.GetEndpoint("http").Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Output);
        var replay = new { filter = new { state = "buried" }, reason = Given(context, "reason") };
        using var answer = await client.PostAsJsonAsync("/replays", replay, JsonSerializerOptions.Web, context.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(context.CancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success("The replay has begun", Shown(text, CommandResultFormat.Json))
            : Failed($"The Receiver answered {(int)answer.StatusCode}: {text}");
    }

    private static Task<(int ExitCode, string Output, string Error)> CreateTokenAsync(
        IEnumerable<string> scopes, string merchant, CancellationToken cancellationToken) => RunAsync(
        [
            "user-jwts", "create", "--project", new Projects.Receiver().ProjectPath, "-o", "token",
            .. scopes.SelectMany(scope => new[] { "--scope", scope }),
            .. merchant.Length > 0 ? new[] { "--claim", $"merchant_id={merchant}" } : [],
        ],
        cancellationToken);

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken, params (string Key, string? Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, (await output).Trim(), (await error).Trim());
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Given(ExecuteCommandContext context, string name) => context.Arguments.GetString(name) ?? "";

    private static ResourceCommandState WhenHealthy(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;

    private static string? SourceOf(Secret secret) => secret.Key.StartsWith(SourceKeys.SecretPrefix, StringComparison.Ordinal)
        ? secret.Key[SourceKeys.SecretPrefix.Length..].ToLowerInvariant()
        : null;

    // What strangers wrote may be in it.
    private static ExecuteCommandResult Failed(string message) => CommandResults.Failure(VisibleText.Of(message));

    private static CommandResultData Shown(string value, CommandResultFormat format) =>
        new() { Value = VisibleText.Of(value), Format = format, DisplayImmediately = true };

    private static InteractionInput Text(string name, string label, string value, string description, bool isRequired = true) =>
        new()
        {
            Name = name, Label = label, InputType = InputType.Text, Value = value, Description = description,
            Required = isRequired,
        };

    private static InteractionInput Choice(string name, string label, string value, IReadOnlyList<string> choices) => new()
    {
        Name = name, Label = label, InputType = InputType.Choice, Value = value, Required = true,
        Options = [.. choices.Select(choice => KeyValuePair.Create(choice, choice))],
    };
}
