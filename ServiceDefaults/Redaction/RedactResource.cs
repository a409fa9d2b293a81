using Microsoft.Extensions.Configuration;
using OpenTelemetry.Resources;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Redacts what <c>OTEL_RESOURCE_ATTRIBUTES</c> says of this process: it leaves with every span, log record and
/// metric. Registered after the SDK's own reading of it, which it overrides.</summary>
internal sealed class RedactResource(IConfiguration configuration, Redactor redactor) : IResourceDetector
{
    public Resource Detect()
    {
        Dictionary<string, object> redacted = new(StringComparer.Ordinal);
        foreach (var attribute in (configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "").Split(','))
        {
            if (attribute.Split('=', 2) is not [var key, var encoded])
            {
                continue;
            }

            var value = Uri.UnescapeDataString(encoded.Trim());
            if (redactor.Redact(key.Trim(), value) is var text && !ReferenceEquals(text, value))
            {
                redacted[key.Trim()] = text;
            }
        }

        return new Resource(redacted);
    }
}
