using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Settings of an event type that merchants can subscribe to. Section <c>Webhooks:EventTypes:{name}</c>.</summary>
public sealed class EventTypeOptions
{
    /// <summary>The event that the type stands for, in a sentence for the developers of merchants.</summary>
    [Required]
    public string Description { get; set; } = "";
}

/// <summary>
/// The event types by name. A name has 1 to 255 letters, digits, <c>_</c>, <c>.</c> and <c>-</c>, and is case-sensitive. Section
/// <c>Webhooks:EventTypes</c>.
/// </summary>
public sealed class EventTypesOptions() : Dictionary<string, EventTypeOptions>(StringComparer.Ordinal)
{
    public const string Section = "Webhooks:EventTypes";

    private const int MaxName = 255;

    /// <summary>Returns an error for each invalid name, which begins with its key.</summary>
    public IEnumerable<string> Errors() => from name in Keys
        let error = Error(name)
        where error is not null
        select $"{Section}:{name}: {error}";

    private static string? Error(string name) => name switch
    {
        EventTypeCatalog.Ping => "the name is reserved for pings.",
        { Length: 0 or > MaxName } => $"a name has 1 to {MaxName} characters.",
        _ when !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-') =>
            "a name can contain only letters, digits, '_', '.' and '-'.",
        _ => null,
    };
}
