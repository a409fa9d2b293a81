using System.CommandLine;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>What an executable does with its arguments, apart from starting with them as its settings.</summary>
public static class CommandLine
{
    private const string Settings = """
        Settings to start with:
          --Key:Name=value  As in appsettings.json, such as --Logging:LogLevel:Default=Debug
          Key__Name=value   The same as an environment variable, such as Logging__LogLevel__Default=Debug
        """;

    /// <summary>Answers arguments that ask for help, the version or a command, and those that make no sense.</summary>
    /// <param name="description">What the executable does when it starts.</param>
    /// <param name="commands">Make the commands; a start needs none of them.</param>
    /// <returns>The exit code; null when the executable is to start.</returns>
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

    /// <summary>Runs one of the commands.</summary>
    /// <returns>The command's exit code; 2 for a command line that makes no sense.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        if (args is [var word, ..] && IsWord(word) && root.Subcommands.All(command => command.Name != word))
        {
            return await RefuseAsync($"'{word}' is no command. ({Commands(root)}; --help says more.)");
        }

        // Without this, the library reads @FILE as a file of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count == 0)
        {
            // Given, it lets a command that ends on Ctrl-C say how it ended; the default is to be killed.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
        }

        // One line, where the library would put it above a screenful of help.
        var words = parsed.Errors.SelectMany(error => error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var hint = parsed.CommandResult.Command == root
            ? $"{Commands(root)}; --help says more."
            : $"{args[0]} --help shows the options.";
        return await RefuseAsync($"{string.Join(' ', words)} ({hint})");
    }

    /// <summary>What arguments ask for, by the first of them that is no setting; with it, what is wrong with a mistake.</summary>
    /// <remarks>
    /// Settings are what .NET's command line provider reads: <c>--key=value</c>, <c>--key value</c>, both with <c>/</c> too, and
    /// <c>key=value</c>. It ignores what is none, or takes the next key for a value; here that is a mistake.
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

/// <summary>What arguments ask for.</summary>
internal enum CommandLineRequest
{
    Start,
    Help,
    Version,
    Command,
    Mistake,
}
