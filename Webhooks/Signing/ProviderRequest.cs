using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Signing;

/// <summary>A signed request, as a provider of a scheme sends it.</summary>
/// <param name="Url">The URL to send to: the given one, with a query where the scheme requires it.</param>
/// <param name="Headers">The headers of the scheme; the content type is not one of them.</param>
public sealed record ProviderRequest(
    string Url, byte[] Body, string ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>Signs data, and puts the id and the type where the scheme looks for them.</summary>
    /// <param name="keys">The keys that sign; none for the scheme without a signature.</param>
    /// <param name="data">The body, before the scheme puts its own members into it.</param>
    /// <param name="contentType">
    /// The media type of the body. Null: that of JSON, or that of a form when the data is not JSON and the provider sends forms.
    /// </param>
    /// <param name="eventType">The type for schemes that have it in a header; null for that of test events.</param>
    /// <exception cref="ArgumentException">The data is not JSON although the scheme signs its members, or no key can
    /// sign.</exception>
    public static ProviderRequest Sign(
        SignatureScheme scheme, IReadOnlyList<SigningKey> keys, string url, byte[] data, string? contentType, string id,
        string? eventType, DateTimeOffset now)
    {
        var type = contentType ?? ContentTypeOf(scheme, data);
        var body = MessageSigner.BodyFor(scheme, keys, id, now, data);
        var target = MessageSigner.UrlFor(scheme, url, type, body);
        var headers = MessageSigner.Sign(scheme, keys, id, now, body, target, type)
            .Concat(Located(scheme.DeliveryId, id))
            .Concat(Located(scheme.EventType, eventType ?? (scheme.EventType.Pointers.Any() ? null : SampleBody.Type)))
            .DistinctBy(header => header.Key, StringComparer.OrdinalIgnoreCase);
        return new(target, body, type, [.. headers]);
    }

    private static string ContentTypeOf(SignatureScheme scheme, byte[] data)
    {
        if ((scheme.BodyFormats & (BodyFormats.Form | BodyFormats.FormPayload)) == BodyFormats.None)
        {
            return "application/json";
        }

        using var json = PayloadParser.TryParse(BodyFormats.Json, data);
        return json is null ? "application/x-www-form-urlencoded" : "application/json";
    }

    private static IEnumerable<KeyValuePair<string, string>> Located(FieldLocator locator, string? value) =>
        value is null ? [] : locator.FirstHeaders.Select(name => KeyValuePair.Create(name, value));
}
