using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>
/// Binds configuration to options classes and collects every error, each beginning with its key: an unknown setting, a missing
/// required one, a value of the wrong type or outside its <see cref="RangeAttribute"/>. ConfigurationBinder throws at the first
/// error and ignores a value where a list or a class is expected.
/// </summary>
/// <param name="errors">Receives the errors. An error never quotes a value that cannot be converted, or that stands where
/// settings are expected, because it may be a secret.</param>
public sealed class SectionBinder(ICollection<string> errors)
{
    /// <summary>Creates the options of a section.</summary>
    /// <param name="configuration">The root of the configuration.</param>
    /// <param name="section">The path of the section; empty for a class whose properties name keys of the root.</param>
    public TOptions Read<TOptions>(IConfiguration configuration, string section)
        where TOptions : class, new()
    {
        var options = new TOptions();
        Bind(configuration, section, options);
        return options;
    }

    /// <summary>Sets the properties of options from a section. A setting with an error keeps its default.</summary>
    /// <param name="configuration">The root of the configuration.</param>
    /// <param name="section">The path of the section; empty for a class whose properties name keys of the root.</param>
    public void Bind(IConfiguration configuration, string section, object options)
    {
        if (section.Length == 0)
        {
            BindProperties(configuration, options);
        }
        else if (configuration.GetSection(section) is var found && !HasValue(found))
        {
            BindSection(found, options);
        }
    }

    /// <summary>Returns the key of a property within its section.</summary>
    public static string KeyOf(PropertyInfo property) =>
        property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;

    /// <summary>Whether a type is a single value in configuration and not a section.</summary>
    public static bool IsValue(Type type) =>
        TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).CanConvertFrom(typeof(string));

    /// <summary>Returns the item type of a list; null for a type that is not a list.</summary>
    public static Type? ItemOf(Type type) => type.IsArray
        ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() is var open && (open == typeof(List<>) || open == typeof(IList<>))
            ? type.GenericTypeArguments[0]
            : null;

    /// <summary>Returns the value type of a dictionary; null for a type that is not a dictionary.</summary>
    public static Type? EntryOf(Type type) => type.GetInterfaces()
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IDictionary<,>))?.GenericTypeArguments[1];

    /// <summary>Returns the valid names of an enumeration. The zero of a flags enumeration is not valid.</summary>
    public static IEnumerable<string> Choices(Type type) =>
        Enum.GetNames(type).Where(name => !IsFlags(type) || Enum.Format(type, Enum.Parse(type, name), "D") != "0");

    /// <summary>Describes a range, such as <c>from 1 to 20</c>.</summary>
    public static string Allowed(RangeAttribute range)
    {
        var (least, most) = (Text(range.Minimum), Text(range.Maximum));
        return range.MinimumIsExclusive ? $"more than {least} and at most {most}" : $"from {least} to {most}";
    }

    private void BindSection(IConfigurationSection section, object options)
    {
        if (EntryOf(options.GetType()) is { } entry)
        {
            var entries = (IDictionary)options;
            foreach (var child in section.GetChildren())
            {
                if (Read(child, null, entry, null) is { } value)
                {
                    entries[child.Key] = value;
                }
            }

            return;
        }

        var known = options.GetType().GetProperties().Select(KeyOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        RefuseUnknown(section, known.Contains);
        BindProperties(section, options);
    }

    private void BindProperties(IConfiguration configuration, object options)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var setting = configuration.GetSection(KeyOf(property));
            var before = errors.Count;
            if (setting.Exists())
            {
                var value = Read(setting, property, property.PropertyType, property.GetValue(options));
                if (property.CanWrite)
                {
                    property.SetValue(options, value);
                }
            }

            var isRequired = property.IsDefined(typeof(RequiredAttribute));
            if (isRequired && errors.Count == before && IsUnset(property.GetValue(options)))
            {
                errors.Add($"{setting.Path} is not set.");
            }
        }
    }

    private object? Read(IConfigurationSection section, PropertyInfo? property, Type type, object? current)
    {
        if (IsValue(type))
        {
            return ReadValue(section, property, type) ?? current;
        }

        if (ItemOf(type) is { } item)
        {
            return ReadList(section, property, type, item, current);
        }

        if (HasValue(section))
        {
            return current;
        }

        var options = current ?? Activator.CreateInstance(type)!;
        BindSection(section, options);
        return options;
    }

    private object? ReadValue(IConfigurationSection section, PropertyInfo? property, Type type)
    {
        RefuseUnknown(section, _ => false);
        if (section.Value is null)
        {
            return null;
        }

        var range = property?.GetCustomAttribute<RangeAttribute>();
        var allowed = range is null ? "" : Allowed(range);
        object? value;
        try
        {
            value = section.Get(type);
        }
        catch (InvalidOperationException)
        {
            errors.Add($"{section.Path} must be {$"{Described(type)} {allowed}".TrimEnd()}.");
            return null;
        }

        // The converter accepts any number for an enumeration.
        if (value is Enum named && !IsNamed(named.GetType(), section.Value))
        {
            errors.Add($"{section.Path} must be {Described(type)}.");
            return null;
        }

        if (value is not null && range?.IsValid(value) == false)
        {
            errors.Add($"{section.Path} is {Text(value)}; it must be {allowed}.");
            return null;
        }

        return value;
    }

    private object? ReadList(IConfigurationSection section, PropertyInfo? property, Type type, Type item, object? current)
    {
        if (section.Value is { Length: > 0 })
        {
            errors.Add($"{section.Path} must be a list, {section.Path}:0 and so on, not a value.");
            return current;
        }

        var items = section.GetChildren().Select(child => Read(child, property, item, null)).OfType<object>().ToArray();
        if (property?.GetCustomAttribute<MaxLengthAttribute>() is { } most && items.Length > most.Length)
        {
            errors.Add($"{section.Path} lists {items.Length} entries; it must have {most.Length} at most.");
        }

        if (type.IsArray)
        {
            var array = Array.CreateInstance(item, items.Length);
            items.CopyTo(array, 0);
            return array;
        }

        var list = (IList)(current ?? Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!);
        list.Clear();
        foreach (var value in items)
        {
            list.Add(value);
        }

        return list;
    }

    // JSON configuration reads an empty section as an empty value.
    private bool HasValue(IConfigurationSection section)
    {
        if (section.Value is not { Length: > 0 })
        {
            return false;
        }

        errors.Add($"{section.Path} must have settings under it, not a value.");
        return true;
    }

    private void RefuseUnknown(IConfigurationSection section, Func<string, bool> isKnown)
    {
        foreach (var child in section.GetChildren().Where(child => !isKnown(child.Key)))
        {
            errors.Add($"{section.Path}: there is no setting '{child.Key}'.");
        }
    }

    private static bool IsUnset(object? value) => value switch
    {
        null or 0 => true,
        string text => string.IsNullOrWhiteSpace(text),
        ICollection items => items.Count == 0,
        _ => false,
    };

    private static bool IsNamed(Type type, string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries);
        return (names.Length == 1 || IsFlags(type))
            && names.All(name => Choices(type).Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    private static bool IsFlags(Type type) => type.IsDefined(typeof(FlagsAttribute));

    private static string Described(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            var names = string.Join(", ", Choices(type));
            return IsFlags(type) ? $"one or more of {names}, separated by commas" : $"one of {names}";
        }

        return type == typeof(TimeSpan) ? "a time span (hh:mm:ss)"
            : type == typeof(bool) ? "true or false"
            : type == typeof(Uri) ? "a URL"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : $"a {type.Name}";
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
