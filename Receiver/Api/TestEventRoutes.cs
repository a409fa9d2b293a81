using System.Security.Claims;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Signing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Aspire.Webhooks.Receiver.Api;

/// <summary>A test event to send.</summary>
/// <param name="EventType">Its type. Default: <c>test</c>. A source whose events all have one type keeps that.</param>
/// <param name="DeliveryId">
/// Its delivery id, which gets the prefix <c>test-</c>, so that no event of the provider counts as its duplicate. Default: a new
/// one. The same id twice is a duplicate.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TestEventRequest(string? EventType = null, string? DeliveryId = null);

/// <summary>What became of a test event.</summary>
/// <param name="EventId">The event: the first with the delivery id, when this one is a duplicate.</param>
/// <param name="Status">The status with which its provider is answered.</param>
/// <param name="IsNew">False when the delivery id was known already; nothing was stored then.</param>
public sealed record TestEventView(Guid EventId, string DeliveryId, string EventType, int Status, bool IsNew);

public static class TestEventRoutes
{
    /// <summary>The user agent of test events, which is stored with each.</summary>
    public const string UserAgent = "Aspire.Webhooks.TestEvent/1.0";

    private const string FirstSql = "select id from webhooks.inbound_events where delivery_id = $1 and source = $2";

    /// <summary>Maps <c>POST /sources/{name}/test-events</c>.</summary>
    public static void MapTestEvents(this WebApplication app) => app.MapApi("/sources", Scope.EventsRead)
        .MapPost("/{name}/test-events", SendAsync).Writes(Scope.EventsWrite).ReadsBody()
        .WithSummary("Sign a small event with the secret of a source and receive it, as if its provider had sent it.")
        .WithDescription(
            $"It is processed as any other. Its user agent is {UserAgent}. 409: only the provider can sign, no secret is valid "
            + "now, or the event was refused, with the reason. 503: the Receiver is busy.")
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    /// <summary>Returns why no test event can be signed for a source; null when one can.</summary>
    internal static string? ReasonAgainst(Source source, DateTimeOffset now) => source.Scheme switch
    {
        { IsUnsigned: true } => null,
        { CanSign: false } =>
            $"Events of the scheme '{source.SchemeName}' are signed with a private key that only the provider has.",
        _ when KeyOf(source, now) is null => source.Keys.Any(key => key.CanSign)
            ? "Every secret of the source has expired."
            : "The source has the public key of its provider, and only the provider has the private key that signs.",
        _ => null,
    };

    private static SigningKey? KeyOf(Source source, DateTimeOffset now) =>
        source.Keys.FirstOrDefault(key => key.CanSign && key.IsActive(now));

    private static async Task<Results<Ok<TestEventView>, ValidationProblem, ProblemHttpResult>> SendAsync(
        string name, Body<TestEventRequest> body, SourceCatalog catalog, ReceiveRoutes receiver, NpgsqlDataSource database,
        AuditLog audit, TimeProvider time, HttpContext context, ClaimsPrincipal user)
    {
        if (body is not { Value: { } wanted })
        {
            return body.Problem!;
        }

        var errors = new FieldErrors();
        errors.Text("event_type", wanted.EventType);
        errors.Text("delivery_id", wanted.DeliveryId);
        if (errors.Any)
        {
            return errors.ToBadRequest();
        }

        if (catalog.Find(name) is not { } source)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound);
        }

        var now = time.GetUtcNow();
        if (ReasonAgainst(source, now) is { } reason)
        {
            return TypedResults.Problem(reason, statusCode: StatusCodes.Status409Conflict);
        }

        var cancellationToken = context.RequestAborted;
        var request = RequestOf(source, wanted, now, context);
        await receiver.ReceiveAsync(source.Name, request);
        if (request.Features.GetRequiredFeature<Receipt>() is not { Event: { } received } receipt)
        {
            return NotReceived(request);
        }

        await AuditAsync(database, audit, user, source.Name, $"{received.EventType} {received.DeliveryId}");
        var id = receipt.IsDuplicate
            ? await FirstAsync(database, received.Source, received.DeliveryId, cancellationToken) ?? received.Id
            : received.Id;
        return TypedResults.Ok(
            new TestEventView(id, received.DeliveryId, received.EventType, request.Response.StatusCode, !receipt.IsDuplicate));
    }

    // After the event, since this connection is one of the few that the intake commits with.
    private static async Task AuditAsync(
        NpgsqlDataSource database, AuditLog audit, ClaimsPrincipal user, string source, string what)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        await audit.WriteAsync(
            new(Subject.Of(user), AuditActions.SendTest, AuditObjects.Source, source, what), transaction, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    // The request goes the way of every other: through the gate, the verification, the rate limit and the line.
    private static DefaultHttpContext RequestOf(Source source, TestEventRequest wanted, DateTimeOffset now, HttpContext context)
    {
        var scheme = source.Scheme with
        {
            DeliveryId = source.DeliveryId ?? source.Scheme.DeliveryId, EventType = source.EventType ?? source.Scheme.EventType,
        };
        var id = $"test-{wanted.DeliveryId ?? Guid.CreateVersion7(now).ToString()}";
        var data = SampleBody.For(
            scheme, id, wanted.EventType ?? SampleBody.Type, source.Payload == SourcePayload.PhoneMessage);
        var url = source.Url ?? $"{context.Request.Scheme}://{context.Request.Host}/webhooks/{source.Name}";
        var signed = ProviderRequest.Sign(
            scheme, KeyOf(source, now) is { } key ? [key] : [], url, data, contentType: null, id, wanted.EventType, now);
        var request = new DefaultHttpContext
        {
            RequestServices = context.RequestServices, RequestAborted = context.RequestAborted, User = context.User,
        };
        request.Features.Set(new Receipt());
        request.Connection.RemoteIpAddress = context.Connection.RemoteIpAddress;
        request.Request.Method = HttpMethods.Post;
        request.Request.Scheme = context.Request.Scheme;
        request.Request.Host = context.Request.Host;
        request.Request.Path = $"/webhooks/{source.Name}";
        request.Request.QueryString = new(new Uri(signed.Url).Query);
        request.Request.Body = new MemoryStream(signed.Body);
        request.Request.ContentLength = signed.Body.Length;
        foreach (var (header, value) in signed.Headers)
        {
            request.Request.Headers[header] = value;
        }

        request.Request.ContentType = signed.ContentType;
        request.Request.Headers.UserAgent = UserAgent;
        return request;
    }

    private static ProblemHttpResult NotReceived(HttpContext request)
    {
        var (status, reason) = (request.Response.StatusCode, request.Features.GetRequiredFeature<Receipt>().Refusal);
        return status == StatusCodes.Status503ServiceUnavailable
            ? TypedResults.Problem("The Receiver is busy. Its provider would send the event again.", statusCode: status)
            : TypedResults.Problem(
                reason is null
                    ? $"The event was answered {status} as a handshake, which is not stored. Choose another type."
                    : $"The event was refused with {status}: {reason}.",
                statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Guid?> FirstAsync(
        NpgsqlDataSource database, string source, string deliveryId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(FirstSql);
        command.Parameters.Add(new() { Value = deliveryId });
        command.Parameters.Add(new() { Value = source });
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }
}
