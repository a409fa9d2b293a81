using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Reads a request's raw bytes, never more than allowed.</summary>
public static class RequestBody
{
    /// <summary>The longest body that is taken out of a connection's buffer at once, and that buffer's size, in bytes.</summary>
    public const int LargestAtOnce = 64 * 1024;

    // What is reserved when the first byte is there. A length is only announced: beyond this, memory grows with what has arrived.
    private const int FirstBuffer = 4 * 1024;

    /// <summary>
    /// The body, where all of it has arrived with the headers, as nearly always: nothing has to wait then or to be bounded.
    /// </summary>
    /// <returns>Null when it has to be read by <see cref="ReadAsync"/>.</returns>
    public static byte[]? TryRead(HttpContext context, int maxBytes)
    {
        var request = context.Request;
        if (request.ContentLength is not (> 0 and <= LargestAtOnce and var length) || length > maxBytes
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

    /// <summary>
    /// The body as sent. Its buffer is at most the larger of 4 KiB and twice what has arrived, and never larger than the
    /// Content-Length.
    /// </summary>
    /// <exception cref="BadHttpRequestException">
    /// Too large (413), too slow (408), malformed (400) or one too many (503); see its status code.
    /// </exception>
    public static async Task<byte[]> ReadAsync(
        HttpContext context, int maxBytes, ArrivingBodies.Part part, TimeSpan timeLimit, TimeProvider time)
    {
        var announced = context.Request.ContentLength;
        if (announced > maxBytes)
        {
            throw TooLarge();
        }

        // Kestrel counts chunked bodies while they arrive.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        using var timeout = new CancellationTokenSource(timeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            return await CollectAsync(context.Request.BodyReader, (int)(announced ?? maxBytes), part, either.Token);
        }
        catch (OperationCanceledException exception) when (
            timeout.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body is too slow.", StatusCodes.Status408RequestTimeout, exception);
        }
    }

    private static async Task<byte[]> CollectAsync(
        PipeReader reader, int most, ArrivingBodies.Part part, CancellationToken cancellationToken)
    {
        byte[] body = [];
        var length = 0;
        for (var isWhole = false; !isWhole;)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.IsCanceled)
            {
                throw new OperationCanceledException("The connection was aborted.");
            }

            try
            {
                var arrived = length + read.Buffer.Length;
                if (arrived > most)
                {
                    throw TooLarge();
                }

                if (arrived > body.Length)
                {
                    Array.Resize(ref body, Room(arrived, most, part));
                }

                read.Buffer.CopyTo(body.AsSpan(length));
                length = (int)arrived;
                isWhole = read.IsCompleted;
            }
            finally
            {
                // Also of a body that is refused: Kestrel reads the rest of it, so that its sender gets to the answer.
                reader.AdvanceTo(read.Buffer.End);
            }
        }

        Array.Resize(ref body, length);
        return body;
    }

    private static int Room(long arrived, int most, ArrivingBodies.Part part)
    {
        var room = (int)Math.Min(most, Math.Max(FirstBuffer, 2 * arrived));
        const string refusal = "Too many large bodies are on their way.";
        return part.TryGrow(room) ? room : throw new BadHttpRequestException(refusal, StatusCodes.Status503ServiceUnavailable);
    }

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);
}
