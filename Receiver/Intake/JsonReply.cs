namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>A prepared JSON answer.</summary>
public sealed class JsonReply((int Status, byte[] Body) reply) : IResult
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

        response.ContentType = "application/json";
        response.ContentLength = reply.Body.Length;
        return response.Body.WriteAsync(reply.Body, httpContext.RequestAborted).AsTask();
    }
}
