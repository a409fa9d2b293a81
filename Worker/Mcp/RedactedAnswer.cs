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
/// Writes answers as JSON in snake_case, without credentials and without members that say nothing. People read them over an
/// agent's shoulder, so that what would not be seen is spelt out.
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

    /// <summary>Texts one after the other: first ours, then what strangers wrote.</summary>
    public static IEnumerable<ContentBlock> Blocks(params string[] texts) => texts.Select(text => new TextContentBlock { Text = text });

    /// <summary>The same with the token that the agent itself must show: the one credential that leaves.</summary>
    public string Write(object answer, Guid leaseToken)
    {
        var json = JsonNode.Parse(Write(answer))!.AsObject();
        json["lease_token"] = leaseToken;
        return json.ToJsonString(Json);
    }
}
