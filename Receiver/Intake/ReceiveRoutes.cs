using System.Collections.Frozen;
using System.Diagnostics;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.ServiceDefaults.Telemetry;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary><c>POST /webhooks/{source}</c>: reads, verifies, stores and answers a request.</summary>
public sealed class ReceiveRoutes(
    SourceCatalog sources,
    ProviderClient providers,
    VerificationTokens tokens,
    ArrivingBodies arriving,
    SourceRates rates,
    IntakeGate gate,
    IntakeQueue queue,
    RejectionLog rejections,
    Redactor redactor,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<ReceiveRoutes> logger)
{
    // The same format as other errors, but without a trace id, which neither the log nor the list of rejections has.
    private static readonly ReplyResult BusyAnswer = new(new(
        StatusCodes.Status503ServiceUnavailable,
        """{"type":"https://tools.ietf.org/html/rfc9110#section-15.6.4","title":"Service Unavailable","status":503}""",
        "application/problem+json"));

    private readonly string _retryAfter = $"{(int)options.Value.RetryAfter.TotalSeconds}";

    /// <summary>Maps the route of all sources and the other paths of those that have one.</summary>
    public void Map(WebApplication app)
    {
        // The route is short-circuited: senders prove their identity by a signature, so no middleware needs to look for a token.
        app.MapPost("/webhooks/{source}", (string source, HttpContext context) => ReceiveAsync(source, context)).DescribeIntake()
            .ShortCircuit();
        app.MapGet("/webhooks/{source}", Subscribe).DescribeSubscription();
        app.MapMethods("/webhooks/{source}", [HttpMethods.Head, HttpMethods.Options], Subscribe)
            .DescribeSubscription();
        foreach (var path in sources.Paths)
        {
            app.MapPost(path, (Delegate)((HttpContext context) => ReceiveAtAsync(path, context))).DescribeIntake().ShortCircuit();
        }
    }

    public Task ReceiveAsync(string source, HttpContext context) => ReceiveAsync(sources.Find(source), [], context);

    /// <summary>Handles a request to a source's additional path.</summary>
    public Task ReceiveAtAsync(string path, HttpContext context)
    {
        var at = sources.FindAt(path, context.Request.Headers);
        return ReceiveAsync(at.Count > 0 ? at[0] : null, [.. at.Skip(1)], context);
    }

    /// <summary>
    /// GET, HEAD and OPTIONS of <c>/webhooks/{source}</c>: answers a provider that tests the URL before it sends events.
    /// </summary>
    public IResult Subscribe(string source, HttpContext context)
    {
        var method = context.Request.Method;
        if (sources.Find(source) is not { } known || known.Scheme.Handshakes.All(handshake => handshake.Method != method))
        {
            context.Response.Headers.Allow = "POST";
            return TypedResults.Problem(statusCode: StatusCodes.Status405MethodNotAllowed);
        }

        if (context.Features.Get<RequestFacts>() is { } facts)
        {
            facts.Path = PathOf(known);
        }

        var request = new HandshakeRequest(method, context.Request.Headers, null, context.Request.QueryString.Value ?? "");
        var greeting = Handshakes.Answer(known, request, isVerified: false, time.GetUtcNow());
        ReceiveLog.Subscribed(logger, known.Name, greeting is not null);
        return greeting is null
            ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden)
            : new ReplyResult(greeting.Reply);
    }

    private async Task ReceiveAsync(Source? source, IReadOnlyList<Source> others, HttpContext context)
    {
        if (source is null)
        {
            await Refuse(null, new(Refusal.UnknownSource), context).ExecuteAsync(context);
            return;
        }

        if (context.Features.Get<RequestFacts>() is { } facts)
        {
            (facts.IsDuplicate, facts.Path) = (false, context.Request.Path == source.Path ? source.Path : PathOf(source));
        }

        if (!gate.TryEnter())
        {
            await Busy(source, context).ExecuteAsync(context);
            return;
        }

        var start = time.GetUtcNow();
        (source, var admission) = await AdmitAsync(source, others, context);

        // The span starts after verification, because only a verified sender can continue its own trace. Everything that follows
        // is part of the span.
        var caller = source.ContinueTrace && admission is Admission.Admitted ? CallerTrace.Of(context.Request) : null;
        using var activity = WebhookTelemetry.StartFrom(caller, "webhook.receive", start);
        activity?.SetTag("webhook.source", source.Name);
        if (await AnswerAsync(source, admission, context) is { } answer)
        {
            await answer.ExecuteAsync(context);
        }
    }

    // Returns null when the sender has disconnected, which is not a refusal.
    private async Task<IResult?> AnswerAsync(Source source, Admission? admission, HttpContext context)
    {
        try
        {
            return admission switch
            {
                Admission.Admitted admitted => await StoreAsync(source, admitted, context),
                Admission.Greeting greeting => await GreetAsync(source, greeting, context),
                Admission.Unverifiable => Busy(source, context),
                Admission.Refused { Why: Refusal.Busy } => TooLate(source, context),
                Admission.Refused refused => Refuse(source, refused, context),
                null => Gone(source),
                _ => throw new UnreachableException(),
            };
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Gone(source);
        }
    }

    // The admission is null when the sender has disconnected.
    private async Task<(Source Source, Admission? Admission)> AdmitAsync(
        Source source, IReadOnlyList<Source> others, HttpContext context)
    {
        try
        {
            return await ReadAsync(source, others, context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested
            && exception is BadHttpRequestException or IOException or OperationCanceledException)
        {
            return (source, null);
        }
        catch (BadHttpRequestException exception)
        {
            return (source, new Admission.Refused(RefusalOf(exception.StatusCode), exception.Message));
        }
    }

    private async ValueTask<(Source Source, Admission Admission)> ReadAsync(
        Source source, IReadOnlyList<Source> others, HttpContext context)
    {
        var body = RequestBody.TryRead(context, source.MaxBodyBytes);
        if (body is null)
        {
            using var part = arriving.NewPart();
            body = await RequestBody.ReadAsync(context, source.MaxBodyBytes, part, options.Value.BodyTimeout, time);
        }

        IReadOnlyList<SigningKey>? fetched = null;
        if (source.Scheme.Keys is not null)
        {
            fetched = await providers.KeysAsync(source, context.Request.Headers, body, context.RequestAborted);
            if (fetched is null)
            {
                return (source, new Admission.Unverifiable());
            }
        }

        var request = new ReceivedRequest(
            context.Request.Headers, body, source.UrlOf(context.Request), time.GetUtcNow(), fetched);
        var admission = Admission.Of(source, request);
        if (others.Count == 0 || admission is not Admission.Refused { Why: var why } || !why.IsForgery())
        {
            return (source, admission);
        }

        var likeliest = Likeliest(source, others, body);
        return ReferenceEquals(likeliest, source)
            ? (source, admission)
            : (likeliest, Admission.Of(likeliest, request with { Url = likeliest.UrlOf(context.Request), FetchedKeys = null }));
    }

    // Of sources at one path, the sender is answered by the one whose fields its body names.
    private static Source Likeliest(Source source, IReadOnlyList<Source> others, byte[] body) =>
        others.Prepend(source).MaxBy(candidate => candidate.FieldsNamedIn(body))!;

    private async ValueTask<IResult?> StoreAsync(Source source, Admission.Admitted admitted, HttpContext context)
    {
        var inbound = RedactedEvent.Of(admitted.Event, redactor);
        if (!rates.TryTake(source, out var retryAfter))
        {
            context.Response.Headers.RetryAfter = $"{retryAfter}";
            return Refuse(source, new(Refusal.RateLimited), context);
        }

        inbound.Traceparent = Activity.Current?.Id;
        if (Activity.Current is { IsAllDataRequested: true } activity)
        {
            activity.SetTag("webhook.event_id", inbound.Id.ToString());
            activity.SetTag("webhook.delivery_id", inbound.DeliveryId);
            activity.SetTag("webhook.event_type", inbound.EventType);
        }

        switch (await queue.StoreAsync(inbound, context.RequestAborted, admitted.Window))
        {
            case IntakeResult.Accepted:
                Tag("Accepted");
                context.Features.Get<Receipt>()?.Event = inbound;
                ReceiveLog.Accepted(logger, source.Name, inbound.EventType, inbound.DeliveryId, inbound.Id);
                ReceiveMetrics.Count(source.Name, "created");
                return new ReplyResult(admitted.Reply ?? source.Replies.Accepted);
            case IntakeResult.Duplicate:
                Tag("Duplicate");
                if (context.Features.Get<RequestFacts>() is { } facts)
                {
                    facts.IsDuplicate = true;
                }

                if (context.Features.Get<Receipt>() is { } receipt)
                {
                    (receipt.Event, receipt.IsDuplicate) = (inbound, true);
                }

                ReceiveLog.Duplicate(logger, source.Name, inbound.DeliveryId);
                ReceiveMetrics.Count(source.Name, "duplicate");
                return new ReplyResult(admitted.Reply ?? source.Replies.Duplicate);
            case IntakeResult.Gone:
                return Gone(source);
            case IntakeResult.TooLate:
                return TooLate(source, context);
            default:
                return Busy(source, context);
        }
    }

    // The name is from the configuration, not from the request.
    private static string PathOf(Source source) => $"/webhooks/{source.Name}";

    private static void Tag(string result) => Activity.Current?.SetTag("webhook.result", result);

    private static IResult? Gone(Source source)
    {
        Tag("gone");
        ReceiveMetrics.Count(source.Name, "gone");
        return null;
    }

    private IResult TooLate(Source source, HttpContext context)
    {
        gate.Refused();
        return Busy(source, context);
    }

    // Overload can cause very many of these, so each is only counted: no log line and no row.
    private IResult Busy(Source source, HttpContext context)
    {
        const string Reason = "busy";
        if (context.Features.Get<RequestFacts>() is { } facts)
        {
            facts.IsCountedOnly = true;
        }

        context.Features.Get<Receipt>()?.Refusal = Reason;
        ReceiveMetrics.Count(source.Name, Reason);
        Tag(Reason);
        Activity.Current?.SetStatus(ActivityStatusCode.Error, Reason);
        context.Response.Headers.RetryAfter = _retryAfter;
        return source.Replies.Refusals.GetValueOrDefault(Refusal.Busy) switch
        {
            null => BusyAnswer,
            { IsEmpty: true } reply => TypedResults.Problem(statusCode: reply.Status),
            var reply => new ReplyResult(reply),
        };
    }

    private async ValueTask<IResult> GreetAsync(Source source, Admission.Greeting greeting, HttpContext context)
    {
        switch (greeting.Handshake.Action)
        {
            case HandshakeAction.Fetch when !await providers.ConfirmAsync(source, greeting.Challenge, context.RequestAborted):
                // The provider sends it again.
                return Busy(source, context);
            case HandshakeAction.Show:
                tokens.Add(source, greeting.Challenge);
                ReceiveLog.TokenSent(logger, source.Name);
                break;
        }

        ReceiveLog.Greeted(logger, source.Name, greeting.Handshake.Name);
        ReceiveMetrics.Count(source.Name, "handshake");
        return new ReplyResult(greeting.Reply);
    }

    // By default the answer is a status alone. The operator finds the reason by the trace id; somebody who probes must not
    // learn which check failed.
    private IResult Refuse(Source? source, Admission.Refused refused, HttpContext context)
    {
        var name = source?.Name ?? "unknown";
        var reason = refused.Why.Name();
        context.Features.Get<Receipt>()?.Refusal = reason;
        ReceiveLog.Refused(logger, name, refused.Why, refused.Detail ?? "");
        ReceiveMetrics.Count(name, refused.Why.IsForgery() ? "invalid_signature" : reason);
        rejections.Record(name, reason, context.Connection.RemoteIpAddress, Activity.Current?.TraceId.ToHexString());
        Activity.Current?.SetTag("webhook.result", reason);
        Activity.Current?.SetStatus(ActivityStatusCode.Error, reason);
        if (refused.Why is Refusal.BodyTooSlow)
        {
            // The unread rest of the body would be parsed as the next request.
            context.Response.Headers.Connection = "close";
        }

        var reply = source?.Replies.Refusals.GetValueOrDefault(refused.Why);
        if (reply is { IsEmpty: false })
        {
            return new ReplyResult(reply);
        }

        var status = reply?.Status ?? refused.Why.Status();
        return refused.Fields is { } fields ? fields.ToUnprocessable(status) : TypedResults.Problem(statusCode: status);
    }

    private static Refusal RefusalOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => Refusal.BodyTooLarge,
        StatusCodes.Status408RequestTimeout => Refusal.BodyTooSlow,
        StatusCodes.Status503ServiceUnavailable => Refusal.Busy,
        _ => Refusal.UnreadableBody,
    };
}

/// <summary>What became of a request. A caller in this process sets it as a feature of the request to be told.</summary>
public sealed class Receipt
{
    /// <summary>The verified event; null when the request was refused or was a handshake.</summary>
    public InboundEvent? Event { get; set; }

    /// <summary>Whether the event was known already, so that it was not stored again.</summary>
    public bool IsDuplicate { get; set; }

    /// <summary>The reason why the request was refused, as <c>GET /rejections</c> names it; null when it was not.</summary>
    public string? Refusal { get; set; }
}

/// <summary>Sends a prepared <see cref="Reply"/>.</summary>
public sealed class ReplyResult(Reply reply) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers ?? FrozenDictionary<string, string>.Empty)
        {
            response.Headers[name] = value;
        }

        if (reply.Status == StatusCodes.Status204NoContent)
        {
            // Discord, "Acknowledging PING requests": a 204 needs a Content-Type.
            response.ContentType = reply.ContentType;
        }

        // Kestrel throws when a body is written with a status that has none.
        if (reply.Body.Length == 0 || reply.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            return Task.CompletedTask;
        }

        response.ContentType = reply.ContentType;
        response.ContentLength = reply.Body.Length;
        return response.Body.WriteAsync(reply.Body, httpContext.RequestAborted).AsTask();
    }
}
