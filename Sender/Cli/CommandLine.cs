using System.CommandLine;
using System.Globalization;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Sender.Cli;

/// <summary>What the Sender does when it is called with a command instead of being started as a service.</summary>
public static class CommandLine
{
    private static readonly string[] Names = [SendCommand.Name, ListenCommand.Name];

    public static bool IsCommand(string[] args) => args is [var name, ..] && Names.Contains(name, StringComparer.Ordinal);

    /// <summary>Runs the command line.</summary>
    /// <returns>The command's exit code; 2 for a command line that makes no sense.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        // Without this, the library reads @FILE as a file of arguments.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var parsed = new RootCommand("Aspire.Webhooks sender") { SendCommand.Create(), ListenCommand.Create() }.Parse(args, parsing);
        if (parsed.Errors.Count == 0)
        {
            // Given, it lets a command that ends on Ctrl-C say how it ended; the default is to be killed.
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
        }

        // One line, where the library would put it above a screenful of help.
        var words = parsed.Errors.SelectMany(error => error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        await Console.Error.WriteLineAsync($"{string.Join(' ', words)} ({args[0]} --help shows the options.)");
        return 2;
    }

    /// <summary>The option that says how requests are signed.</summary>
    internal static Option<string> SchemeOption()
    {
        var scheme = new Option<string>("--scheme")
        {
            Description = $"How requests are signed: {string.Join(", ", SignatureSchemes.ByName.Keys.Order(StringComparer.Ordinal))}.",
            DefaultValueFactory = _ => "standard",
        };
        scheme.AcceptOnlyFromAmong([.. SignatureSchemes.ByName.Keys]);
        return scheme;
    }

    /// <summary>An option that is a whole number from a range.</summary>
    internal static Option<int> NumberOption(string name, string description, int fallback, int min, int max)
    {
        var option = new Option<int>(name) { Description = $"{description} {min} to {max}.", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            // The library tells of what is no number, and throws where it is asked for its value.
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                && (number < min || number > max))
            {
                result.AddError($"{name} is a whole number from {min} to {max}.");
            }
        });
        return option;
    }

    /// <summary>The variables that hold a scheme's secret unless the caller names others; the first that is set counts.</summary>
    internal static string[] SecretKeys(string scheme) => [$"WEBHOOK_SECRET_{scheme.ToUpperInvariant()}", "WEBHOOK_SECRET"];
}
