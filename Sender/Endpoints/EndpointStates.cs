using Aspire.Webhooks.Sender.Delivery;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>Whether messages are sent to an endpoint, and why not.</summary>
public static class EndpointStates
{
    public const string Active = "active";
    public const string Inactive = "inactive";

    /// <summary>Its merchant made it inactive, and can make it active again.</summary>
    public const string ByMerchant = "merchant";

    public static IReadOnlyList<string> All { get; } = [Active, Inactive];

    /// <summary>Why an endpoint is inactive: its merchant wanted it, it failed too often, it answered 410.</summary>
    public static IReadOnlyList<string> Reasons { get; } = [ByMerchant, EndpointDeactivation.Failures, EndpointDeactivation.Gone];

    public static string Of(bool active) => active ? Active : Inactive;
}
