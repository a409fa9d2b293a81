using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Aspire.Webhooks.ServiceDefaults.Access;

public static class QueryParameters
{
    /// <summary>
    /// Answers 400 to a query parameter that the route does not have, or that is given more than once. A filter that is
    /// misspelt would otherwise be no filter, and the answer all rows. A route has the parameters of its handler with
    /// <c>[FromQuery]</c>.
    /// </summary>
    public static TEndpoint RefuseUnknownParameters<TEndpoint>(this TEndpoint endpoint)
        where TEndpoint : IEndpointConventionBuilder =>
        endpoint.ProducesValidationProblem().AddEndpointFilterFactory((factory, next) =>
        {
            string[] known = [.. factory.MethodInfo.GetParameters().SelectMany(NamesOf).Order(StringComparer.Ordinal)];
            return context => Errors(context.HttpContext.Request.Query, known) is { Count: > 0 } errors
                ? ValueTask.FromResult<object?>(TypedResults.ValidationProblem(errors))
                : next(context);
        });

    private static IEnumerable<string> NamesOf(ParameterInfo parameter)
    {
        var attributes = parameter.GetCustomAttributes(inherit: true);
        if (attributes.OfType<IFromQueryMetadata>().FirstOrDefault() is { } query)
        {
            return [query.Name ?? parameter.Name!];
        }

        return attributes.OfType<AsParametersAttribute>().Any() || BindsItself(parameter.ParameterType)
            ? parameter.ParameterType.GetConstructors().Single().GetParameters().SelectMany(NamesOf)
            : [];
    }

    // The constructor of such a type declares which parameters it reads from the query.
    private static bool BindsItself(Type type) => Array.Exists(
        type.GetInterfaces(),
        one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IBindableFromHttpContext<>));

    // In any case, as parameters are bound.
    private static SortedDictionary<string, string[]> Errors(IQueryCollection query, string[] known)
    {
        var errors = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                errors[name] = [known.Length == 0
                    ? "There is no such parameter: this route has none."
                    : $"There is no such parameter. This route has {string.Join(", ", known)}."];
            }
            else if (values.Count > 1)
            {
                errors[name] = [$"{name} is given once."];
            }
        }

        return errors;
    }
}
