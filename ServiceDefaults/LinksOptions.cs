using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>The public URLs that services link to. Section <c>Webhooks:Links</c>.</summary>
public sealed class LinksOptions
{
    public const string Section = "Webhooks:Links";

    /// <summary>The URL of the Console, as in <c>https://console.example.com</c>. Without it, there are no links to it.</summary>
    public string Console { get; set; } = "";

    /// <summary>Returns the URL of a page of the Console; null when the Console is not configured.</summary>
    public string? ToConsole(string path) => Console.Length == 0 ? null : Console.TrimEnd('/') + path;

    public IEnumerable<string> Errors() => Console.Length == 0 || IsUrl(Console)
        ? []
        : [$"{Section}:Console is an absolute http or https URL."];

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url.Query.Length == 0 && url.Fragment.Length == 0;
}

public static class LinkRegistration
{
    public static IServiceCollection AddLinks(this IServiceCollection services)
    {
        services.AddCheckedOptions<LinksOptions>(LinksOptions.Section).Check((options, _) => options.Errors());
        return services;
    }
}
