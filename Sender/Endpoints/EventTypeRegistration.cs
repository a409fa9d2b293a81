using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Sender.Endpoints;

public static class EventTypeRegistration
{
    public static IServiceCollection AddEventTypes(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<EventTypesOptions>, Validation>();
        services.AddCheckedOptions<EventTypesOptions>(EventTypesOptions.Section);
        return services.AddSingleton<EventTypeCatalog>();
    }

    private sealed class Validation : IValidateOptions<EventTypesOptions>
    {
        private const int MaxName = 255;

        public ValidateOptionsResult Validate(string? name, EventTypesOptions options)
        {
            var errors = options
                .Select(type => (type.Key, Error: Error(type.Key, type.Value)))
                .Where(type => type.Error is not null)
                .Select(type => $"{EventTypesOptions.Section}:{type.Key}: {type.Error}")
                .ToList();
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }

        private static string? Error(string name, EventTypeOptions type) => name switch
        {
            EventTypeCatalog.Ping => "the name is taken: it is what endpoints are tried with.",
            { Length: 0 or > MaxName } => $"a name has 1 to {MaxName} characters.",
            _ when !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-') =>
                "a name has letters, digits, '_', '.' and '-' alone.",
            _ => string.IsNullOrWhiteSpace(type.Description) ? "Description is not set." : null,
        };
    }
}
