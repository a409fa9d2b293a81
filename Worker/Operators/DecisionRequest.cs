using System.Text.Json.Serialization;
using Aspire.Webhooks.Fields;

namespace Aspire.Webhooks.Worker.Operators;

/// <summary>A decision about an approval.</summary>
/// <param name="ArgumentsSha256">The <c>arguments_sha256</c> of what was decided about.</param>
/// <param name="Reason">Why: 1 to 500 characters. Needed to refuse.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DecisionRequest(
    [property: JsonPropertyName("arguments_sha256")] string? ArgumentsSha256 = null, string? Reason = null)
{
    /// <returns>The hash and the reason, checked.</returns>
    public (string ArgumentsSha256, string? Reason) Read(bool granted, FieldErrors errors)
    {
        if (ArgumentsSha256 is not { Length: 64 } || !ArgumentsSha256.All(char.IsAsciiHexDigitLower))
        {
            errors.Add("arguments_sha256", "arguments_sha256 is the approval's: 64 hexadecimal digits, in lower case.");
        }

        return (ArgumentsSha256 ?? "", granted && Reason is null ? null : Fields.Reason.Read(Reason, errors));
    }
}
