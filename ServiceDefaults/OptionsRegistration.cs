using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>A section that this process binds, and the class that it is bound to.</summary>
public sealed record OptionsSection(string Path, Type Type);

public static class OptionsRegistration
{
    /// <summary>The section of all settings but those of the framework.</summary>
    public const string Root = "Webhooks";

    // Of all services: they may be configured by one file or environment.
    internal static readonly string[] Sections =
    [
        "Delivery", "Egress", "EventTypes", "Idempotency", "Intake", "Jobs:Delivery", "Jobs:Event", "Jobs:Task", "OpenAI",
        "Pings", "Playbooks", "Rejections", "Schemes", "SecretProtection", "Sources", "Transcripts",
    ];

    /// <summary>Binds options to a section of the configuration by <see cref="SectionBinder"/>. Errors stop the start.</summary>
    /// <param name="services">The service's.</param>
    /// <param name="section">The section's path; empty for a class whose properties name keys of the whole configuration.</param>
    /// <param name="name">The options' name, where there are several of the type.</param>
    public static OptionsBuilder<TOptions> AddCheckedOptions<TOptions>(
        this IServiceCollection services, string section, string? name = null)
        where TOptions : class, new()
    {
        services.AddSingleton(new OptionsSection(section, typeof(TOptions)));
        return services.AddOptions<TOptions>(name)
            .Configure<IConfiguration>((options, configuration) => new SectionBinder([]).Bind(configuration, section, options))
            .Check((_, provider) =>
            {
                var errors = new List<string>();
                new SectionBinder(errors).Read<TOptions>(provider.GetRequiredService<IConfiguration>(), section);
                return errors;
            })
            .ValidateOnStart();
    }

    /// <summary>Adds a rule about options.</summary>
    /// <param name="rule">Finds the errors, each beginning with its key.</param>
    public static OptionsBuilder<TOptions> Check<TOptions>(
        this OptionsBuilder<TOptions> builder, Func<TOptions, IServiceProvider, IEnumerable<string>> rule)
        where TOptions : class
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(provider => new Rule<TOptions>(builder.Name, provider, rule));
        return builder;
    }

    /// <summary>
    /// Stops here with every error of all options. The host validates options too, but only once it has made its hosted
    /// services: the first of them that reads its options would report those alone.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration has errors.</exception>
    public static void ValidateOptions(this IHost host)
    {
        List<string> errors = [.. UnknownSections(host.Services)];
        try
        {
            host.Services.GetRequiredService<IStartupValidator>().Validate();
        }
        catch (OptionsValidationException exception)
        {
            errors.AddRange(exception.Failures);
        }
        catch (AggregateException exception)
        {
            errors.AddRange(exception.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures));
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(IConfiguration), errors.Distinct(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<string> UnknownSections(IServiceProvider services)
    {
        var known = services.GetServices<OptionsSection>().Select(section => section.Path)
            .Concat(Sections.Select(section => $"{Root}:{section}"))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Unknown(services.GetRequiredService<IConfiguration>().GetSection(Root));

        // A section above known ones, such as Webhooks:Jobs, has no settings of its own.
        IEnumerable<string> Unknown(IConfigurationSection section) => section.GetChildren()
            .Where(child => !known.Contains(child.Path))
            .SelectMany(child => known.Any(path => path.StartsWith($"{child.Path}:", StringComparison.OrdinalIgnoreCase))
                ? Unknown(child)
                : [$"{section.Path}: there is no setting '{child.Key}'."]);
    }

    private sealed class Rule<TOptions>(
        string of, IServiceProvider services, Func<TOptions, IServiceProvider, IEnumerable<string>> rule)
        : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            if (name != of)
            {
                return ValidateOptionsResult.Skip;
            }

            var errors = rule(options, services).ToList();
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
