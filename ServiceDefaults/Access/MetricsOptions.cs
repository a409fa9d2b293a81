using System.ComponentModel.DataAnnotations;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.ServiceDefaults.Access;

/// <summary>
/// The route <c>/metrics</c>, which a Prometheus server scrapes. Section <c>Webhooks:Metrics</c>. There is no such route without
/// a port or a token, except in Development, where it answers to this machine alone.
/// </summary>
public sealed class MetricsOptions
{
    public const string Section = "Webhooks:Metrics";

    private const int MinTokenLength = 16;

    /// <summary>
    /// A port that answers <c>/metrics</c> and nothing else, by HTTP on all addresses. Let only the scraper reach it. The other
    /// ports of the service do not have the route then. 0: there is no such port.
    /// </summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>The bearer token of the scraper, at least 16 characters. Without a port of its own, the route needs it.</summary>
    public Secret? Token { get; set; }

    internal bool HasToken => Token?.Reveal() is { Length: > 0 };

    /// <summary>Whether anybody may read the metrics.</summary>
    internal bool IsEnabled(bool isDevelopment) => Port > 0 || HasToken || isDevelopment;

    internal IEnumerable<string> Errors()
    {
        if (HasToken && (Token!.Reveal().Length < MinTokenLength || Token.Reveal().Any(char.IsWhiteSpace)))
        {
            yield return $"{Section}:{nameof(Token)} must have at least {MinTokenLength} characters and no white space.";
        }
    }
}
