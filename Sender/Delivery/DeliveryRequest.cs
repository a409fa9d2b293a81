using System.Net.Http.Headers;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Sender.Delivery;

/// <summary>Builds the signed POST of a delivery.</summary>
public static class DeliveryRequest
{
    /// <summary>
    /// The message's bytes, signed afresh for this moment: Standard Webhooks headers, and beside them
    /// <c>X-Event-Id</c>, <c>X-Webhook-Timestamp</c> and <c>X-Webhook-Signature</c> (hex HMAC-SHA256 of
    /// <c>{timestamp}.{body}</c>, keyed with the whole secret string) for receivers that expect those.
    /// </summary>
    public static HttpRequestMessage Create(StoredDelivery delivery, DateTimeOffset now)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(delivery.Payload) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(delivery.ContentType);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Aspire.Webhooks", "1.0"));
        Sign(request, SignatureSchemes.Standard, delivery, now);
        Sign(request, SignatureSchemes.Provider, delivery, now);
        return request;
    }

    private static void Sign(HttpRequestMessage request, SignatureScheme scheme, StoredDelivery delivery, DateTimeOffset now)
    {
        var key = SigningKey.Parse(delivery.Secret, scheme.KeyEncoding);
        foreach (var (name, value) in MessageSigner.Sign(scheme, [key], delivery.MessageId, now, delivery.Payload))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
