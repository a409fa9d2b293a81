namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// Describes <c>/webhooks/{source}</c> in the OpenAPI document, which cannot infer the answers of routes that write them
/// directly.
/// </summary>
public static class IntakeDocumentation
{
    public static RouteHandlerBuilder DescribeIntake(this RouteHandlerBuilder route)
    {
        route.WithTags("Webhooks")
            .WithSummary("Receive a provider's webhook.")
            .WithDescription("""
                The signature covers the exact bytes of the body. Its header depends on the scheme of the source:
                X-Hub-Signature-256 for github, webhook-signature for standard, X-Webhook-Signature for provider, and the
                provider's own for each other scheme. A request without a valid signature is refused, and the answer does not
                contain the reason. 2xx means that the event is stored. A source can have its own 2xx and 4xx statuses and bodies.
                """)
            .Produces(StatusCodes.Status200OK, contentType: "application/json")
            .Produces(StatusCodes.Status202Accepted, contentType: "application/json");
        foreach (var status in (int[])[400, 401, 404, 408, 413, 415, 422, 429, 503])
        {
            route.ProducesProblem(status);
        }

        return route;
    }

    public static RouteHandlerBuilder DescribeSubscription(this RouteHandlerBuilder route) => route.WithTags("Webhooks")
        .WithSummary("Answer a provider that tests the URL.")
        .WithDescription("""
            Answers Meta's hub.challenge if hub.verify_token is the configured one, Dropbox's challenge, X's crc_token and Okta's
            verification. HEAD (Intercom, Trello) and OPTIONS (CloudEvents) are answered where the scheme has them. Sources of
            other schemes accept only POST.
            """)
        .Produces(StatusCodes.Status200OK, contentType: "text/plain")
        .Produces(StatusCodes.Status200OK, contentType: "application/json")
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status405MethodNotAllowed);
}
