using Aspire.Webhooks.Fields;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Aspire.Webhooks.Sender.Endpoints;

/// <summary>What is wrong with a request about an endpoint.</summary>
public sealed class EndpointErrors
{
    /// <summary>What makes no sense wherever it is sent: 400.</summary>
    public FieldErrors Malformed { get; } = new();

    /// <summary>What is understood, and cannot be here: 422.</summary>
    public FieldErrors Refused { get; } = new();

    /// <summary>The answer; null when nothing is wrong.</summary>
    public ProblemHttpResult? Problem =>
        Malformed.Any ? Malformed.ToUnprocessable(StatusCodes.Status400BadRequest) : Refused.Any ? Refused.ToUnprocessable() : null;
}
