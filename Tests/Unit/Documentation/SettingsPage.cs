using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>The generated part of docs/settings.md.</summary>
internal static partial class SettingsPage
{
    private const string Head = "| key | environment variable | type | default | range | meaning |\n|---|---|---|---|---|---|\n";

    /// <param name="sections">The sections of each service, by its name.</param>
    public static string Of(IReadOnlyList<(string Service, OptionsSection Section)> sections) => string.Join('\n', sections
        .GroupBy(section => section.Section.Type)
        .OrderBy(options => options.First().Section.Path, StringComparer.Ordinal)
        .Select(options => Table(
            options.Key,
            [.. options.Select(section => section.Section.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            options.Select(section => section.Service).Distinct(StringComparer.Ordinal))));

    private static string Table(Type type, List<string> paths, IEnumerable<string> services)
    {
        // Sections that share a class are one table: Webhooks:Jobs:{Event,Task}.
        var above = paths[0].LastIndexOf(':') + 1;
        var path = paths is [var only] ? only : $"{paths[0][..above]}{{{string.Join(',', paths.Select(one => one[above..]))}}}";
        var title = path.Length > 0 ? $"`{path}`" : "Variables";
        var about = $"{(SectionBinder.EntryOf(type) is { } entry ? DocComments.Of(entry) : "")} {DocComments.Of(type)}".Trim();
        var readers = string.Join(" and ", services.Select(service => $"the {service}"));
        return $"## {title}\n\n{Heading().Replace(about, "")} Read by {readers}.\n\n{Head}{string.Concat(Rows(path, type))}";
    }

    private static IEnumerable<string> Rows(string path, Type type)
    {
        if (SectionBinder.EntryOf(type) is { } entry)
        {
            return Rows($"{path}:{{name}}", entry);
        }

        var defaults = Activator.CreateInstance(type)!;
        return type.GetProperties()
            .SelectMany(property => Rows(property, $"{path}:{SectionBinder.KeyOf(property)}".TrimStart(':'), defaults));
    }

    private static IEnumerable<string> Rows(PropertyInfo property, string key, object defaults)
    {
        var type = property.PropertyType;
        if (SectionBinder.IsValue(type))
        {
            return [Row(property, key, TypeName(type), Default(property, defaults))];
        }

        return (SectionBinder.ItemOf(type), SectionBinder.EntryOf(type)) switch
        {
            ({ } item, _) when SectionBinder.IsValue(item) => [Row(property, $"{key}:{{n}}", $"list of {TypeName(item)}s", "–")],
            ({ } item, _) => [Row(property, key, "list", "–"), .. Rows($"{key}:{{n}}", item)],
            (_, { } entry) => [Row(property, key, "by name", "–"), .. Rows($"{key}:{{name}}", entry)],
            _ => [Row(property, key, "section", "–"), .. Rows(key, type)],
        };
    }

    private static string Row(PropertyInfo property, string key, string type, string value)
    {
        string?[] ranges =
        [
            property.GetCustomAttribute<RangeAttribute>() is { } range ? SectionBinder.Allowed(range) : null,
            property.GetCustomAttribute<MaxLengthAttribute>() is { } most ? $"at most {most.Length} entries" : null,
        ];
        var allowed = string.Join("; ", ranges.OfType<string>()) is { Length: > 0 } text ? text : "–";
        var variable = key.Replace(":", "__", StringComparison.Ordinal);
        string[] cells = [$"`{key}`", $"`{variable}`", type, value, allowed, DocComments.Of(property)];
        return $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";
    }

    private static string Default(PropertyInfo property, object defaults)
    {
        var value = Convert.ToString(property.GetValue(defaults), CultureInfo.InvariantCulture);
        value = Fraction().Replace(value ?? "", "${kept}");
        var isRequired = property.IsDefined(typeof(RequiredAttribute)) && value is "" or "0";
        return isRequired ? "required" : value.Length == 0 ? "–" : $"`{value}`";
    }

    private static string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            var isFlags = type.IsDefined(typeof(FlagsAttribute));
            var names = string.Join(", ", SectionBinder.Choices(type).Select(name => $"`{name}`"));
            return isFlags ? $"one or more of {names}" : names;
        }

        return type == typeof(string) ? "text"
            : type == typeof(TimeSpan) ? "time span"
            : type == typeof(Uri) ? "URL"
            : type == typeof(Secret) ? "secret"
            : type == typeof(bool) ? "`true` or `false`"
            : "whole number";
    }

    // The heading says it.
    [GeneratedRegex(@" ?(Section|At) `[^`]+`\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    // A time span of half a second ends in .5000000.
    [GeneratedRegex(@"(?<kept>:\d\d\.\d*?[1-9])0+$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Fraction();
}
