using System.ComponentModel.DataAnnotations;

namespace Aspire.Webhooks.Messages;

/// <summary>Who is told when people have to look. Section <c>Webhooks:Operators</c>.</summary>
public sealed class OperatorOptions
{
    public const string Section = "Webhooks:Operators";

    private const int MaxMerchant = 255;

    /// <summary>
    /// The merchant whose endpoints get the operators' events. Name one that is no customer: its endpoints learn of all others.
    /// Empty: nobody is told.
    /// </summary>
    public string Merchant { get; set; } = "";

    /// <summary>Settings of single sources by name.</summary>
    public Dictionary<string, OperatorSourceOptions> Sources { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    internal bool IsOn => Merchant.Length > 0;

    internal IEnumerable<string> Errors() =>
        Merchant.Length > MaxMerchant || Merchant.Any(char.IsControl) || (IsOn && string.IsNullOrWhiteSpace(Merchant))
            ? [$"{Section}:{nameof(Merchant)} must be a line of at most {MaxMerchant} characters."]
            : [];
}

/// <summary>What operators are told of one source.</summary>
public sealed class OperatorSourceOptions
{
    /// <summary>How long a source may send no event before operators are told. Not set: it may be silent.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan? SilentAfter { get; set; }
}
