using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Reads a request's raw bytes, never more than allowed.</summary>
public static class RequestBody
{
    // A claimed length is only trusted this far; beyond it the buffer grows with what really arrives.
    private const int LargestFirstBuffer = 64 * 1024;
    private const int ChunkSize = 16 * 1024;

    /// <summary>
    /// The body, where all of it has arrived with the headers, as nearly always: nothing has to wait then or to be bounded.
    /// </summary>
    /// <returns>Null when it has to be read by <see cref="ReadAsync"/>.</returns>
    public static byte[]? TryRead(HttpContext context, int maxBytes)
    {
        var request = context.Request;
        if (request.ContentLength is not (> 0 and <= LargestFirstBuffer and var length) || length > maxBytes
            || !request.BodyReader.TryRead(out var read))
        {
            return null;
        }

        if (read.Buffer.Length != length)
        {
            request.BodyReader.AdvanceTo(read.Buffer.Start);
            return null;
        }

        var body = read.Buffer.ToArray();
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return body;
    }

    /// <summary>The body as sent.</summary>
    /// <exception cref="BadHttpRequestException">
    /// Too large (413), too slow (408), malformed (400) or one too many (503); see its status code.
    /// </exception>
    public static async Task<byte[]> ReadAsync(
        HttpContext context, int maxBytes, ArrivingBodies.Part part, TimeSpan timeLimit, TimeProvider time)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        // Kestrel counts chunked bodies while they arrive.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        var expected = (int)Math.Min(context.Request.ContentLength ?? 4096, LargestFirstBuffer);
        using var buffer = new MemoryStream(expected);
        using var timeout = new CancellationTokenSource(timeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            await CopyAsync(context.Request.Body, buffer, part, either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body is too slow.", StatusCodes.Status408RequestTimeout, exception);
        }

        return buffer.Length == buffer.Capacity && buffer.TryGetBuffer(out var whole) && whole.Array is { } bytes ? bytes : buffer.ToArray();
    }

    private static async Task CopyAsync(Stream body, MemoryStream buffer, ArrivingBodies.Part part, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            for (int read; (read = await body.ReadAsync(chunk, cancellationToken)) > 0;)
            {
                buffer.Write(chunk, 0, read);
                if (!part.TryGrow(buffer.Capacity))
                {
                    throw new BadHttpRequestException("Too many large bodies are on their way.", StatusCodes.Status503ServiceUnavailable);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
