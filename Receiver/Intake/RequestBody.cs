using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Reads the raw body of a request up to a limit.</summary>
public static class RequestBody
{
    /// <summary>
    /// The longest body that is read at once from the connection's buffer, in bytes. It is also the size of that buffer.
    /// </summary>
    public const int LargestAtOnce = 64 * 1024;

    // The size of the first buffer. Content-Length is only a claim, so beyond this size the buffer grows with the received
    // bytes.
    private const int FirstBuffer = 4 * 1024;

    /// <summary>
    /// Returns the body if all of it has arrived with the headers, as is usual. Such a body needs no limit on memory or time.
    /// </summary>
    /// <returns>The body; null when <see cref="ReadAsync"/> must read it.</returns>
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
    /// Reads the body. Its buffer is at most the larger of 4 KiB and twice the received bytes, and never larger than
    /// Content-Length.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The body is too large (413), too slow (408) or malformed (400), or the limit
    /// on memory is reached (503). The exception has the status code.</exception>
    public static async Task<byte[]> ReadAsync(
        HttpContext context, int maxBytes, ArrivingBodies.Part part, TimeSpan timeLimit, TimeProvider time)
    {
        var announced = context.Request.ContentLength;
        if (announced > maxBytes)
        {
            throw TooLarge();
        }

        // Kestrel enforces this limit for chunked bodies while they arrive.
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
                // Advances over a refused body too, so that Kestrel drains the rest of it and the sender can read the answer.
                reader.AdvanceTo(read.Buffer.End);
            }
        }

        Array.Resize(ref body, length);
        return body;
    }

    private static int Room(long arrived, int most, ArrivingBodies.Part part)
    {
        var room = (int)Math.Min(most, Math.Max(FirstBuffer, 2 * arrived));
        const string refusal = "Too many large bodies are being received.";
        return part.TryGrow(room) ? room : throw new BadHttpRequestException(refusal, StatusCodes.Status503ServiceUnavailable);
    }

    private static BadHttpRequestException TooLarge() => new("The body is too large.", StatusCodes.Status413PayloadTooLarge);
}
