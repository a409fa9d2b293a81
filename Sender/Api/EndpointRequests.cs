using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>A request to create an endpoint.</summary>
/// <param name="Url">
/// The URL that messages are POSTed to: an absolute https URL of up to 2048 characters, on the public internet.
/// </param>
/// <param name="Events">
/// The types that it receives, each of <c>GET /api/v1/event-types</c>. Absent or empty means every type.
/// </param>
/// <param name="Description">A description for people of up to 500 characters.</param>
/// <param name="Active">False creates the endpoint without sending to it. The default is true.</param>
/// <param name="Headers">Up to 10 custom headers. Their values are stored encrypted and never shown.</param>
/// <param name="Signature"><c>v1</c> (HMAC-SHA256, the default) or <c>v1a</c> (Ed25519). It cannot be changed later.</param>
/// <param name="RateLimit">The largest number of attempts per second, 1 to 10000. Absent means no limit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateEndpointRequest(
    string? Url = null, IReadOnlyList<string?>? Events = null, string? Description = null, bool? Active = null,
    IReadOnlyDictionary<string, string?>? Headers = null, string? Signature = null, int? RateLimit = null);

/// <summary>
/// A request to change an endpoint. A field that is absent or null is not changed, but a <c>rate_limit</c> of null removes the
/// limit.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UpdateEndpointRequest
{
    private readonly bool _changesRateLimit;

    /// <summary>The URL. A new URL is stored only after it has answered a ping.</summary>
    public string? Url { get; init; }

    /// <summary>All types that it receives from now on. An empty list means every type.</summary>
    public IReadOnlyList<string?>? Events { get; init; }

    /// <summary>A description for people of up to 500 characters.</summary>
    public string? Description { get; init; }

    /// <summary>False stops deliveries. True resumes them, unless the endpoint was made inactive because it failed.</summary>
    public bool? Active { get; init; }

    /// <summary>All custom headers from now on. The value <c>***</c> keeps the stored value of that header.</summary>
    public IReadOnlyDictionary<string, string?>? Headers { get; init; }

    /// <summary>The largest number of attempts per second, 1 to 10000. Null removes the limit.</summary>
    public int? RateLimit
    {
        get;
        init
        {
            field = value;
            _changesRateLimit = true;
        }
    }

    /// <summary>
    /// Whether the request contains the rate limit. It is a method, because a property would be a member of the request.
    /// </summary>
    public bool ChangesRateLimit() => _changesRateLimit;
}

/// <summary>A request to replace the secret of an endpoint.</summary>
/// <param name="OverlapSeconds">How long the old secret signs beside the new one: 0 to 86400, which is the default.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RotateSecretRequest(long? OverlapSeconds = null);
