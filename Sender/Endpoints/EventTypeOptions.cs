using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>A type of event that merchants can subscribe to. Section <c>Webhooks:EventTypes:{name}</c>.</summary>
public sealed class EventTypeOptions
{
    /// <summary>What has happened when it is sent, in a sentence for merchants' developers.</summary>
    [Required]
    public string Description { get; set; } = "";
}

/// <summary>
/// Section <c>Webhooks:EventTypes</c>, by name: 1 to 255 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>. Case counts.
/// </summary>
public sealed class EventTypesOptions() : Dictionary<string, EventTypeOptions>(StringComparer.Ordinal)
{
    public const string Section = "Webhooks:EventTypes";

    private const int MaxName = 255;

    /// <summary>An error for each name that cannot be, under its key.</summary>
    public IEnumerable<string> Errors() => from name in Keys
        let error = Error(name)
        where error is not null
        select $"{Section}:{name}: {error}";

    private static string? Error(string name) => name switch
    {
        EventTypeCatalog.Ping => "the name is taken: it is what endpoints are tried with.",
        { Length: 0 or > MaxName } => $"a name has 1 to {MaxName} characters.",
        _ when !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-') =>
            "a name has letters, digits, '_', '.' and '-' alone.",
        _ => null,
    };
}
