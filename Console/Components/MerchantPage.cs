using Aspire.Webhooks.Console.Clients;
using Microsoft.AspNetCore.Components;

namespace Aspire.Webhooks.Console.Components;

/// <summary>
/// The base of pages about one merchant. A merchant's token names the merchant. An administrator names it in the URL.
/// </summary>
public abstract class MerchantPage : ConsolePage
{
    [SupplyParameterFromQuery(Name = "merchant")]
    public string? Merchant { get; set; }

    /// <summary>Whether the merchant is known.</summary>
    protected bool IsKnown => Person.IsMerchant || !string.IsNullOrEmpty(Merchant);

    /// <summary>Returns the path of another page about the same merchant.</summary>
    /// <param name="done">The name of an action that the page reports as done.</param>
    protected string MerchantHref(string path, string? done = null) =>
        QueryText.Of(Href(path), ("merchant", Person.IsMerchant ? null : Merchant), ("done", done));
}
