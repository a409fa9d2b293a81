using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>A section that this process binds, and the type of its options.</summary>
public sealed record OptionsSection(string Path, Type Type);

public static class OptionsRegistration
{
    /// <summary>The root section of all settings except the framework's.</summary>
    public const string Root = "Webhooks";

    // The sections of all services, because one file or environment may configure all of them.
    internal static readonly string[] Sections =
    [
        "Console", "Delivery", "Egress", "EventTypes", "Idempotency", "Intake", "Jobs:Delivery", "Jobs:Event", "Jobs:Task",
        "Links", "Metrics", "OpenAI", "Operators", "Pings", "Playbooks", "Portal", "Proxies", "Rejections", "Retention",
        "Schemes", "SecretProtection", "Sources", "Storage", "Transcripts",
    ];

    /// <summary>
    /// Binds options to a section of the configuration by <see cref="SectionBinder"/>. Errors fail the startup.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="section">The path of the section; empty for a class whose properties name keys of the root.</param>
    /// <param name="name">The name of the options, if there are several of the type.</param>
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

    /// <summary>Adds a validation rule.</summary>
    /// <param name="rule">Returns the errors, each beginning with its key.</param>
    public static OptionsBuilder<TOptions> Check<TOptions>(
        this OptionsBuilder<TOptions> builder, Func<TOptions, IServiceProvider, IEnumerable<string>> rule)
        where TOptions : class
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(provider => new Rule<TOptions>(builder.Name, provider, rule));
        return builder;
    }

    /// <summary>
    /// Throws with every error of all options. The host also validates options, but only after it has created its hosted
    /// services: the first of them that reads its options would report only their errors.
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

        // A parent of known sections, such as Webhooks:Jobs, has no settings of its own.
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
