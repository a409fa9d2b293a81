using System.Reflection;
using System.Text.Json;
using Aspire.Webhooks.Payloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Api;

/// <summary>
/// A JSON body, or why there is none, in words: the framework's own binding answers with a bare status. It asks for the
/// content type itself, after the token, not while the route is chosen.
/// </summary>
public sealed record Body<T>(T? Value, ProblemHttpResult? Problem)
    : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    static async ValueTask<Body<T>?> IBindableFromHttpContext<Body<T>>.BindAsync(HttpContext context, ParameterInfo parameter)
    {
        // Its charset, too: the framework throws at one that it does not know, and at "utf-8" in quotes, so that it is not
        // asked to read the text either.
        if (!context.Request.HasJsonContentType() || BodyFormat.Of(context.Request.ContentType) != BodyFormats.Json)
        {
            return Refuse(StatusCodes.Status415UnsupportedMediaType, "The body is application/json, in UTF-8.");
        }

        try
        {
            var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            return await JsonSerializer.DeserializeAsync<T>(context.Request.Body, json, context.RequestAborted) is { } value
                ? new(value, null)
                : Refuse(StatusCodes.Status400BadRequest, "The body is a JSON object.");
        }
        catch (JsonException exception)
        {
            // The path is made of names that the caller wrote; the message would name our types.
            return Refuse(
                StatusCodes.Status400BadRequest,
                $"The body cannot be read at {exception.Path ?? "$"}: "
                + "no JSON, an unknown member, one that is there twice, or a value of another kind.");
        }
        catch (BadHttpRequestException exception)
        {
            return Refuse(exception.StatusCode, null);
        }
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new RequestBodyType(typeof(T)));

    private static Body<T> Refuse(int status, string? detail) => new(null, TypedResults.Problem(detail, statusCode: status));
}

/// <summary>What an endpoint reads from a JSON body by itself; part of its metadata.</summary>
public sealed record RequestBodyType(Type Type);

/// <summary>What an endpoint's query parameter <c>state</c> means; part of its metadata.</summary>
/// <param name="Meaning">A sentence.</param>
/// <param name="Names">What it can be.</param>
public sealed record StateParameter(string Meaning, IReadOnlyList<string> Names);
