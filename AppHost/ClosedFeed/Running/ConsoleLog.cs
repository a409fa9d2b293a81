namespace Aspire.Hosting.Running;

/// <summary>One stream of lines for a person: which resource wrote it, and what.</summary>
internal sealed class ConsoleLog(DistributedApplicationModel model, RunOptions options)
{
    private static readonly int[] Colours = [36, 33, 32, 35, 34, 96, 93, 92];
    private readonly Lock _lock = new();
    private readonly bool _coloured =
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private readonly List<string> _names =
        [.. model.Resources.Where(r => r is ExecutableResource or ProjectResource).Select(r => r.Name)];

    public void Write(string resource, string line)
    {
        // The dashboard's own log is of use only when it fails, and then its last lines are reported.
        if (options.UnderTest || resource == Dashboard.Name)
        {
            return;
        }

        var name = resource.PadRight(_names.Max(n => n.Length));
        var colour = Colours[_names.IndexOf(resource) % Colours.Length];
        Print(_coloured ? $"\u001b[{colour}m{name} |\u001b[0m {line}" : $"{name} | {line}");
    }

    /// <summary>Tells of a resource that ended by itself.</summary>
    public void Report(string headline, IReadOnlyList<string> lastLines)
    {
        if (options.UnderTest)
        {
            return;
        }
        // A single line stands right above.
        var lines = lastLines.Count > 1 ? lastLines.Select(line => $"  {line}").Prepend($"{headline} Its last lines:") : [headline];
        var text = string.Join(Environment.NewLine, lines);
        Print(_coloured ? $"\u001b[31m{text}\u001b[0m" : text);
    }

    private void Print(string text)
    {
        lock (_lock)
        {
            Console.WriteLine(text);
        }
    }
}
