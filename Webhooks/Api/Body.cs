using System.Reflection;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Api;

/// <summary>
/// A JSON body, or the problem details of why there is none; the framework's own binding answers with a bare status. The
/// content type is checked here, after the token, and not while the route is matched.
/// </summary>
public sealed record Body<T>(T? Value, ProblemHttpResult? Problem)
    : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    static async ValueTask<Body<T>?> IBindableFromHttpContext<Body<T>>.BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;

        // A request without a body has no member: the route tells which of them it needs, if any.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return new(JsonSerializer.Deserialize<T>("{}", json), null);
        }

        // The charset is checked as well: the framework throws for a charset that it does not know, and for "utf-8" in quotes.
        if (!context.Request.HasJsonContentType() || BodyFormat.Of(context.Request.ContentType) != BodyFormats.Json)
        {
            return Refuse(StatusCodes.Status415UnsupportedMediaType, "The body is application/json, in UTF-8.");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<T>(
                context.Request.Body, WellFormedStrings.In(json), context.RequestAborted) is { } value
                ? new(value, null)
                : Refuse(StatusCodes.Status400BadRequest, "The body is a JSON object.");
        }
        catch (JsonException exception)
        {
            // The path consists of names that the caller wrote. The exception's message would name our types.
            return Refuse(
                StatusCodes.Status400BadRequest,
                $"The body cannot be read at {exception.Path ?? "$"}{PayloadParser.Place(exception)}: "
                + "invalid JSON, an unknown or repeated member, or a value of the wrong type. "
                + $"The members of a body are {Members(json)}.");
        }
        catch (BadHttpRequestException exception)
        {
            return Refuse(exception.StatusCode, null);
        }
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestBodyType(typeof(T)));

    private static string Members(JsonSerializerOptions json) =>
        string.Join(", ", json.GetTypeInfo(typeof(T)).Properties.Select(member => member.Name));

    private static Body<T> Refuse(int status, string? detail) => new(null, TypedResults.Problem(detail, statusCode: status));
}

/// <summary>Route metadata: the type of a JSON body that the route reads itself.</summary>
public sealed record RequestBodyType(Type Type);

/// <summary>Route metadata: the meaning of the query parameter <c>state</c>.</summary>
/// <param name="Meaning">Its description, in one sentence.</param>
/// <param name="Names">The valid values.</param>
public sealed record StateParameter(string Meaning, IReadOnlyList<string> Names);
