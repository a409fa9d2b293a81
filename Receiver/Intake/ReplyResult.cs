using Aspire.Webhooks.Receiver.Sources;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>Sends a prepared answer.</summary>
public sealed class ReplyResult(Reply reply) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = reply.Status;

        // Kestrel refuses to write a body with a status that has none.
        if (reply.Body.Length == 0 || reply.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            return Task.CompletedTask;
        }

        response.ContentType = reply.ContentType;
        response.ContentLength = reply.Body.Length;
        return response.Body.WriteAsync(reply.Body, httpContext.RequestAborted).AsTask();
    }
}
