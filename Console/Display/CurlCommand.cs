using System.Text;

namespace Aspire.Webhooks.Console.Display;

/// <summary>Formats a request as a curl command for a POSIX shell.</summary>
public static class CurlCommand
{
    public static string Of(string url, IEnumerable<KeyValuePair<string, string>> headers, string? body)
    {
        var command = new StringBuilder($"curl -X POST {Quoted(url)}");
        foreach (var (name, value) in headers)
        {
            command.Append(" \\\n  -H ").Append(Quoted($"{name}: {value}"));
        }

        if (body is not null)
        {
            command.Append(" \\\n  --data-raw ").Append(Quoted(body));
        }

        return command.ToString();
    }

    // Within single quotes a shell interprets nothing but the quote itself.
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
