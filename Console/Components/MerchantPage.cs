using Aspire.Webhooks.Console.Clients;
using Microsoft.AspNetCore.Components;

namespace Aspire.Webhooks.Console.Components;

/// <summary>
/// A page about what belongs to one merchant. A merchant's token says which; an administrator names it in the URL.
/// </summary>
public abstract class MerchantPage : ConsolePage
{
    [SupplyParameterFromQuery(Name = "merchant")]
    public string? Merchant { get; set; }

    /// <summary>Whether it is known whose page this is.</summary>
    protected bool IsKnown => Person.IsMerchant || !string.IsNullOrEmpty(Merchant);

    /// <summary>The path of another page about the same merchant.</summary>
    protected string Its(string path) => QueryText.Of(Href(path), ("merchant", Person.IsMerchant ? null : Merchant));

    /// <summary>The same, with what was done.</summary>
    protected string Its(string path, string done) => QueryText.Of(Its(path), ("done", done));
}
