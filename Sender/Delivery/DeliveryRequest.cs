using System.Net.Http.Headers;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Builds the signed POST of a delivery.</summary>
public static class DeliveryRequest
{
    /// <summary>
    /// Creates the request with the message's bytes, signed at the time of the attempt. It has the Standard Webhooks headers,
    /// with one signature per secret, and in addition <c>X-Event-Id</c>, <c>X-Webhook-Timestamp</c> and
    /// <c>X-Webhook-Signature</c> (hex HMAC-SHA256 of <c>{timestamp}.{body}</c>, keyed with the whole secret string) for
    /// receivers that expect those. These hold only one signature, that of the newest secret, and do not support public keys.
    /// </summary>
    public static HttpRequestMessage Create(StoredDelivery delivery, DateTimeOffset now)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Endpoint.Url)
        {
            Content = new ByteArrayContent(delivery.Payload),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(delivery.ContentType);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Aspire.Webhooks", "1.0"));
        foreach (var (name, value) in delivery.Endpoint.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value.Reveal());
        }

        var secrets = delivery.Endpoint.Secrets;
        Sign(request, SignatureSchemes.Standard, [.. secrets.Select(EndpointKeys.Parse)], delivery, now);
        if (secrets is [var newest, ..] && EndpointKeys.PublicKey(newest) is null)
        {
            Sign(request, SignatureSchemes.Provider, [SigningKey.Parse(newest, SignatureSchemes.Provider.KeyEncoding)], delivery,
                now);
        }

        return request;
    }

    private static void Sign(
        HttpRequestMessage request, SignatureScheme scheme, IReadOnlyList<SigningKey> keys, StoredDelivery delivery,
        DateTimeOffset now)
    {
        foreach (var (name, value) in MessageSigner.Sign(scheme, keys, delivery.MessageId, now, delivery.Payload))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
