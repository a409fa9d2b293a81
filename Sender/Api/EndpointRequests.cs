using System.Text.Json.Serialization;

namespace Aspire.Webhooks.Sender.Api;

/// <summary>An endpoint to make.</summary>
/// <param name="Url">Where messages are POSTed: an absolute https URL of up to 2048 characters, on the public internet.</param>
/// <param name="Events">The types that it gets, each of <c>GET /api/v1/event-types</c>; absent or empty is every type.</param>
/// <param name="Description">Up to 500 characters, for people.</param>
/// <param name="Active">False makes it without sending to it yet. Default true.</param>
/// <param name="Headers">Up to 10 headers that are sent beside our own. Their values are kept encrypted and never shown.</param>
/// <param name="Signature"><c>v1</c> (HMAC-SHA256, the default) or <c>v1a</c> (Ed25519). It stays what it is.</param>
/// <param name="RateLimit">Attempts per second, 1 to 10000; absent is no limit.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CreateEndpointRequest(
    string? Url = null, IReadOnlyList<string?>? Events = null, string? Description = null, bool? Active = null,
    IReadOnlyDictionary<string, string?>? Headers = null, string? Signature = null, int? RateLimit = null);

/// <summary>What to change of an endpoint; what is absent or null stays as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UpdateEndpointRequest
{
    private readonly bool _changesRateLimit;

    /// <summary>Another URL is tried with a ping before it is kept.</summary>
    public string? Url { get; init; }

    /// <summary>All of the types that it gets from now on; empty is every type.</summary>
    public IReadOnlyList<string?>? Events { get; init; }

    /// <summary>Up to 500 characters, for people.</summary>
    public string? Description { get; init; }

    /// <summary>False stops deliveries; true lets them go on, unless the endpoint was made inactive for failing.</summary>
    public bool? Active { get; init; }

    /// <summary>All of the headers from now on; the value <c>***</c> keeps what is stored under that name.</summary>
    public IReadOnlyDictionary<string, string?>? Headers { get; init; }

    /// <summary>Attempts per second, 1 to 10000; null is no limit.</summary>
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
    /// Whether the rate limit is mentioned at all. A method: as a property it would be a member that requests may name.
    /// </summary>
    public bool ChangesRateLimit() => _changesRateLimit;
}

/// <summary>How to replace an endpoint's secret.</summary>
/// <param name="OverlapSeconds">How long the old one signs beside the new one: 0 to 86400, which is the default.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RotateSecretRequest(long? OverlapSeconds = null);
