using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.AppHost;

/// <summary>
/// Commands of the dashboard and of <c>aspire resource</c> for frequent tasks. Each does the same as a command line in the
/// README, with the same programs.
/// </summary>
internal static class Commands
{
    private const string Push = "push";

    // Two rotations at once would both keep the same old secret.
    private static readonly SemaphoreSlim Rotating = new(1);

    private static readonly Dictionary<string, TimeSpan> Overlaps = new(StringComparer.Ordinal)
    {
        ["an hour"] = TimeSpan.FromHours(1), ["a day"] = TimeSpan.FromDays(1), ["a week"] = TimeSpan.FromDays(7),
        ["not at all"] = TimeSpan.Zero,
    };

    /// <summary>
    /// Adds "Send a signed test event", "Make a token", "Replay buried events", "Pause a source", "Resume a source" and "Rotate
    /// the secret of a source" to the Receiver.
    /// </summary>
    /// <param name="receiver">The Receiver.</param>
    /// <param name="secrets">The secrets of the sources.</param>
    public static IResourceBuilder<ProjectResource> WithCommands(
        this IResourceBuilder<ProjectResource> receiver, IReadOnlyList<Secret> secrets)
    {
        Task<ExecuteCommandResult> SendAsync(ExecuteCommandContext context) => SendEventAsync(context, receiver, secrets);
        Task<ExecuteCommandResult> ReplayAsync(ExecuteCommandContext context) => ReplayBuriedAsync(context, receiver);
        string[] sources = [.. secrets.Select(secret => secret.Source).OfType<string>()];
        return receiver
            .WithCommand("send-event", "Send a signed test event", SendAsync, new CommandOptions
            {
                Description = "Signs an event as its provider does and posts it to the Receiver.",
                IconName = "Send",
                IsHighlighted = true,
                UpdateState = WhenHealthy,
                Arguments =
                [
                    Choice("source", "Source", "github", sources),
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
            })
            .WithSourceCommands(sources, secrets);
    }

    private static IResourceBuilder<ProjectResource> WithSourceCommands(
        this IResourceBuilder<ProjectResource> receiver, string[] sources, IReadOnlyList<Secret> secrets)
    {
        Task<ExecuteCommandResult> PauseAsync(ExecuteCommandContext context) => ChangeSourceAsync(context, receiver, "pause");
        Task<ExecuteCommandResult> ResumeAsync(ExecuteCommandContext context) => ChangeSourceAsync(context, receiver, "resume");
        Task<ExecuteCommandResult> RotateAsync(ExecuteCommandContext context) => RotateSecretAsync(context, secrets);
        return receiver
            .WithCommand(
                "pause-source", "Pause a source", PauseAsync,
                Change("Its events are still accepted, and wait until it is resumed.", "Pause"))
            .WithCommand(
                "resume-source", "Resume a source", ResumeAsync, Change("Processes what waits since it was paused.", "Play"))
            .WithCommand("rotate-secret", "Rotate the secret of a source", RotateAsync, new CommandOptions
            {
                Description = "Makes a new secret, shows it once, and restarts the services that have it.",
                IconName = "KeyReset",
                ConfirmationMessage = "Make a new secret, and restart the services that have it?",
                UpdateState = WhenHealthy,
                Arguments =
                [
                    Choice("source", "Source", "github", sources),
                    Choice("overlap", "The old secret is accepted for", "a day", [.. Overlaps.Keys]),
                ],
            });

        CommandOptions Change(string description, string icon) => new()
        {
            Description = description,
            IconName = icon,
            UpdateState = WhenHealthy,
            Arguments =
            [
                Choice("source", "Source", "github", sources),
                Text("reason", "Reason", "From the dashboard", "Kept in the audit."),
            ],
        };
    }

    /// <summary>Adds "Open the Console" to the Console.</summary>
    /// <param name="path">The path of the link that signs in.</param>
    public static IResourceBuilder<ProjectResource> WithSignIn(this IResourceBuilder<ProjectResource> console, string path)
    {
        Task<ExecuteCommandResult> OpenAsync(ExecuteCommandContext context) => Task.FromResult(CommandResults.Success(
            "The link signs you in",
            new CommandResultData
            {
                Value = $"[Open the Console]({new Uri(new Uri(console.GetEndpoint("http").Url), path)})",
                Format = CommandResultFormat.Markdown, DisplayImmediately = true,
            }));
        return console.WithCommand("open-console", "Open the Console", OpenAsync, new CommandOptions
        {
            Description = "Shows the link that signs you in, as at the start.",
            IconName = "Open",
            IsHighlighted = true,
            UpdateState = WhenHealthy,
        });
    }

    private static async Task<ExecuteCommandResult> SendEventAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver, IReadOnlyList<Secret> secrets)
    {
        var (source, type) = (Given(context, "source"), Given(context, "type"));
        if (secrets.FirstOrDefault(secret => secret.Source == source) is not { } secret)
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

    private static Task<ExecuteCommandResult> ReplayBuriedAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver) => PostAsync(
        context, receiver, "/replays", new { filter = new { state = "buried" }, reason = Given(context, "reason") },
        "The replay has begun");

    private static Task<ExecuteCommandResult> ChangeSourceAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver, string action) => PostAsync(
        context, receiver, $"/sources/{Uri.EscapeDataString(Given(context, "source"))}/{action}",
        new { reason = Given(context, "reason") }, $"{Given(context, "source")}: {action}d");

    // The services restart, because environment variables are read at the start. Providers send again what is refused meanwhile.
    private static async Task<ExecuteCommandResult> RotateSecretAsync(
        ExecuteCommandContext context, IReadOnlyList<Secret> secrets)
    {
        var source = Given(context, "source");
        if (secrets.FirstOrDefault(secret => secret.Source == source) is not { } secret
            || !Overlaps.TryGetValue(Given(context, "overlap"), out var overlap))
        {
            return CommandResults.Failure($"There is no such source, or no such time: {string.Join(", ", Overlaps.Keys)}.");
        }

        var services = context.Services;
        string rotated;
        await Rotating.WaitAsync(context.CancellationToken);
        try
        {
            var old = await secret.Value.GetValueAsync(context.CancellationToken) ?? "";
            rotated = services.GetRequiredService<SourceSecretRotation>().Rotate(secret, old, overlap);
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or IOException or UnauthorizedAccessException or FormatException)
        {
            return CommandResults.Failure(exception.Message);
        }
        finally
        {
            Rotating.Release();
        }

        var commands = services.GetRequiredService<ResourceCommandService>();
        var failed = new List<string>();
        foreach (var service in secret.Services)
        {
            // The secret is stored, and has to be shown: a cancellation does not end the command any more.
            var restart = await commands.ExecuteCommandAsync(
                service, KnownResourceCommands.RestartCommand, CancellationToken.None);
            if (!restart.Success)
            {
                failed.Add(service.Name);
            }
        }

        var message = failed.Count == 0
            ? $"{source} has a new secret. Give it to the provider; it is not shown again"
            : $"{source} has a new secret. Restart {string.Join(" and ", failed)}, which could not be restarted";
        return CommandResults.Success(
            message, new CommandResultData { Value = rotated, Format = CommandResultFormat.Text, DisplayImmediately = true });
    }

    private static async Task<ExecuteCommandResult> PostAsync(
        ExecuteCommandContext context, IResourceBuilder<ProjectResource> receiver, string path, object body, string done)
    {
        var token = await CreateTokenAsync(["events:write"], merchant: "", context.CancellationToken);
        if (token.ExitCode != 0)
        {
            return Failed(token.Error + token.Output);
        }

        using var client = new HttpClient { BaseAddress = new Uri(receiver.GetEndpoint("http").Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Output);
        using var answer = await client.PostAsJsonAsync(path, body, JsonSerializerOptions.Web, context.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(context.CancellationToken);
        return answer.IsSuccessStatusCode
            ? CommandResults.Success(done, Shown(text, CommandResultFormat.Json))
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
