namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>A prepared JSON answer.</summary>
public sealed class JsonReply((int Status, byte[] Body) reply) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = reply.Status;
        if (reply.Body.Length == 0)
        {
            return Task.CompletedTask;
        }

        response.ContentType = "application/json";
        response.ContentLength = reply.Body.Length;
        return response.Body.WriteAsync(reply.Body, httpContext.RequestAborted).AsTask();
    }
}
