using System.CommandLine;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>Handles the arguments of an executable that are not settings.</summary>
public static class CommandLine
{
    private const string Settings = """
        Settings to start with:
          --Key:Name=value  As in appsettings.json, such as --Logging:LogLevel:Default=Debug
          Key__Name=value   The same as an environment variable, such as Logging__LogLevel__Default=Debug
        """;

    /// <summary>Handles arguments for help, the version or a command, and rejects invalid ones.</summary>
    /// <param name="description">The purpose of the executable, for the help.</param>
    /// <param name="commands">Factories of the commands. A start without a command calls none of them.</param>
    /// <returns>The exit code; null when the executable should start.</returns>
    public static async Task<int?> AnswerAsync(string[] args, string description, params Func<Command>[] commands)
    {
        var (request, mistake) = Read(args);
        if (request == CommandLineRequest.Start)
        {
            return null;
        }

        var root = new RootCommand(description);
        foreach (var create in commands)
        {
            root.Add(create());
        }

        switch (request)
        {
            case CommandLineRequest.Help:
                await root.Parse(["--help"]).InvokeAsync();
                await Console.Out.WriteLineAsync(Settings);
                return 0;
            case CommandLineRequest.Version:
                return await root.Parse(["--version"]).InvokeAsync();
            case CommandLineRequest.Command:
                return await RunAsync(root, args);
            default:
                return await RefuseAsync($"{mistake} (--help says more.)");
        }
    }

    /// <summary>Parses the arguments and runs a command.</summary>
    /// <returns>The exit code of the command; 2 for an invalid command line.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (args is [var word, ..] && IsWord(word) && root.Subcommands.All(command => command.Name != word))
        {
            return await RefuseAsync($"'{word}' is no command. ({Commands(root)}; --help says more.)");
        }

        // By default System.CommandLine replaces @FILE by the arguments in that file.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
        {
            // With a timeout, a command that ends on Ctrl-C can return its own exit code; the default kills it.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
        }

        // The error is written as one line; System.CommandLine would print the whole help after it.
        var words = parsed.Errors.SelectMany(error => error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var hint = parsed.CommandResult.Command == root
            ? $"{Commands(root)}; --help says more."
            : $"{args[0]} --help shows the options.";
        return await RefuseAsync($"{string.Join(' ', words)} ({hint})");
    }

    /// <summary>Classifies the arguments by the first that is not a setting, and describes a mistake if there is one.</summary>
    /// <remarks>
    /// Settings have the forms of .NET's command line configuration provider: <c>--key=value</c>, <c>--key value</c>, both also
    /// with <c>/</c>, and <c>key=value</c>. The provider ignores any other argument, or takes the next key for a value; here
    /// that is a mistake.
    /// </remarks>
    internal static (CommandLineRequest Request, string? Mistake) Read(IReadOnlyList<string> args)
    {
        if (args is [var first, ..] && IsWord(first))
        {
            return (CommandLineRequest.Command, null);
        }

        for (var at = 0; at < args.Count; at++)
        {
            var argument = args[at];
            switch (argument)
            {
                case "--help" or "-h" or "-?" or "/h" or "/?":
                    return (CommandLineRequest.Help, null);
                case "--version":
                    return (CommandLineRequest.Version, null);
                case ['-', not '-', ..] or "-":
                    var name = argument.Split('=')[0];
                    return (CommandLineRequest.Mistake, $"'{name}' is no option, and settings begin with two dashes.");
            }

            if (argument.Contains('=', StringComparison.Ordinal))
            {
                continue;
            }

            if (IsWord(argument))
            {
                return (CommandLineRequest.Mistake, $"'{argument}' belongs to no setting.");
            }

            at++;
            if (at == args.Count || args[at].StartsWith("--", StringComparison.Ordinal))
            {
                return (CommandLineRequest.Mistake, $"'{argument}' has no value: {argument}=value sets one.");
            }
        }

        return (CommandLineRequest.Start, null);
    }

    private static bool IsWord(string argument) =>
        argument is not ['-' or '/', ..] && !argument.Contains('=', StringComparison.Ordinal);

    private static string Commands(RootCommand root) => root.Subcommands.Count == 0
        ? "There are none"
        : $"There are: {string.Join(", ", root.Subcommands.Select(command => command.Name))}";

    private static async Task<int> RefuseAsync(string reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return 2;
    }
}

/// <summary>The kinds of command lines.</summary>
internal enum CommandLineRequest
{
    Start,
    Help,
    Version,
    Command,
    Mistake,
}
