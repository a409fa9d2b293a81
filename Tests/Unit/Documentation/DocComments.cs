using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>Doc comments as Markdown, from the XML file beside each assembly.</summary>
internal static partial class DocComments
{
    private static readonly Dictionary<Assembly, Dictionary<string, XElement>> Read = [];

    public static string Of(Type type) => Summary(type, $"T:{NameOf(type)}");

    public static string Of(PropertyInfo property)
    {
        // <inheritdoc/> has no summary.
        for (var type = property.DeclaringType!; type is not null; type = type.BaseType)
        {
            if (Summary(type, $"P:{NameOf(type)}.{property.Name}") is { Length: > 0 } summary)
            {
                return summary;
            }
        }

        return "";
    }

    private static string Summary(Type type, string member)
    {
        if (!Read.TryGetValue(type.Assembly, out var members))
        {
            var file = Path.ChangeExtension(type.Assembly.Location, ".xml");
            Read[type.Assembly] = members = (File.Exists(file) ? XDocument.Load(file).Descendants("member") : [])
                .ToDictionary(element => element.Attribute("name")!.Value, StringComparer.Ordinal);
        }

        var summary = members.GetValueOrDefault(member)?.Element("summary");
        return summary is null
            ? ""
            : WhiteSpace().Replace(string.Concat(summary.Nodes().Select(node => Text(node, type.Assembly))), " ").Trim();
    }

    private static string Text(XNode node, Assembly assembly) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{Referenced(see.Attribute("cref")!.Value, assembly)}`",
        XElement element => $"`{element.Value}`",
        _ => "",
    };

    // A property by its key, options by their section, anything else by its name.
    private static string Referenced(string cref, Assembly assembly)
    {
        var name = cref[2..];
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (cref[0] == 'T')
        {
            return Section(assembly.GetType(name)) ?? last;
        }

        return Section(assembly.GetType(name[..name.LastIndexOf('.')])) is { } section ? $"{section}:{last}" : last;
    }

    private static string? Section(Type? type) => type?.GetField("Section")?.GetRawConstantValue() as string;

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex WhiteSpace();
}
