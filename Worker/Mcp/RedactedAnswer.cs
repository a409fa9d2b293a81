using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Aspire.Webhooks.Api;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;
using ModelContextProtocol.Protocol;

namespace Aspire.Webhooks.Worker.Mcp;

/// <summary>
/// Writes answers as JSON in snake_case, redacted and without null members. Characters that are not seen are spelt out, because
/// people read the answers too.
/// </summary>
internal sealed class RedactedAnswer(Redactor redactor)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Write(object answer) =>
        VisibleJson.Of(RedactedJson.Write(JsonSerializer.SerializeToElement(answer, Json), redactor)).GetRawText();

    /// <summary>Returns the texts as separate blocks: ours first, then untrusted ones.</summary>
    public static IEnumerable<ContentBlock> Blocks(params string[] texts) =>
        texts.Select(text => new TextContentBlock { Text = text });

    /// <summary>
    /// Writes an answer with the lease token, the only credential that is not redacted, because the agent has to send it back.
    /// </summary>
    public string Write(object answer, Guid leaseToken)
    {
        var json = JsonNode.Parse(Write(answer))!.AsObject();
        json["lease_token"] = leaseToken;
        return json.ToJsonString(Json);
    }
}
