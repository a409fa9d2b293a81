using System.Reflection;

namespace Aspire.Webhooks.Sender.Access;

/// <summary>A route's parameter: the merchant that the token names. The routes of a merchant group have one always.</summary>
public sealed record MerchantId(string Value) : IBindableFromHttpContext<MerchantId>
{
    static ValueTask<MerchantId?> IBindableFromHttpContext<MerchantId>.BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(Merchant.Of(context.User) is { } merchant ? new MerchantId(merchant) : null);
}
