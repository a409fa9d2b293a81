using Aspire.Webhooks.Fields;
using Aspire.Webhooks.Sender.Endpoints;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Sender.Admin;

/// <summary>Which endpoints are meant; what is absent does not matter.</summary>
/// <param name="MerchantId">Whose they are.</param>
/// <param name="State"><c>active</c> or <c>inactive</c>.</param>
/// <param name="DisabledReason"><c>merchant</c>, <c>failures</c> or <c>gone</c>.</param>
public sealed record AdminEndpointFilter(
    [FromQuery(Name = "merchant_id")] string? MerchantId, [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "disabled_reason")] string? DisabledReason)
{
    public void Check(FieldErrors errors)
    {
        errors.Text("merchant_id", MerchantId);
        errors.OneOf("state", State, EndpointStates.All);
        errors.OneOf("disabled_reason", DisabledReason, EndpointStates.Reasons);
    }
}
