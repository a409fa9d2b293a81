using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Reads a request's raw bytes, never more than allowed.</summary>
public static class RequestBody
{
    // A claimed length is only trusted this far; beyond it the buffer grows with what really arrives.
    private const int LargestFirstBuffer = 64 * 1024;

    /// <summary>The body as sent.</summary>
    /// <exception cref="BadHttpRequestException">Too large (413), too slow (408) or malformed (400); see its status code.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext context, int maxBytes)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        // Kestrel counts chunked bodies while they arrive.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes;
        }

        var expected = (int)Math.Min(context.Request.ContentLength ?? 4096, LargestFirstBuffer);
        using var buffer = new MemoryStream(expected);
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.Length == buffer.Capacity && buffer.TryGetBuffer(out var whole) && whole.Array is { } bytes ? bytes : buffer.ToArray();
    }
}
