namespace Aspire.Webhooks.Signing;

/// <summary>
/// Describes as data how a provider tests or confirms a URL, and the answer that it expects. Handshakes are answered and not
/// stored.
/// </summary>
public sealed record Handshake
{
    /// <summary>The name of the handshake in the log.</summary>
    public required string Name { get; init; }

    /// <summary>The HTTP method: POST, GET, HEAD or OPTIONS. Only a POST can be signed.</summary>
    public string Method { get; init; } = "POST";

    /// <summary>
    /// Whether the request must be verified. A request of a handshake that is not signed is answered if its verification fails.
    /// </summary>
    public bool IsSigned { get; init; } = true;

    /// <summary>The conditions that tell the handshake from an event. All must hold.</summary>
    public IReadOnlyList<FieldCondition> When { get; init; } = [];

    /// <summary>
    /// The place of the value that is sent back. If it has none, the request is not this handshake. Null when the answer
    /// repeats nothing.
    /// </summary>
    public FieldLocator? Challenge { get; init; }

    /// <summary>The place of the token that must equal the source's verify token; null when none is shown.</summary>
    public FieldLocator? Token { get; init; }

    /// <summary>The status of the answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>
    /// The body of the answer: text with <see cref="ChallengeField"/>, <see cref="HexHmacField"/>, <see cref="Base64HmacField"/>
    /// and <see cref="RateField"/>. In JSON the challenge is escaped.
    /// </summary>
    public string Body { get; init; } = "";

    /// <summary>The Content-Type of the answer.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The headers of the answer. The values are templates like <see cref="Body"/>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the receiver does with the challenge beside sending it back.</summary>
    public HandshakeAction Action { get; init; }

    /// <summary>The challenge as sent.</summary>
    public const string ChallengeField = "{challenge}";

    /// <summary>The HMAC-SHA256 of the challenge with the first active secret of the source, in hex.</summary>
    public const string HexHmacField = "{hmac}";

    /// <summary>The same in base64.</summary>
    public const string Base64HmacField = "{hmac:base64}";

    /// <summary>The requests per minute that the source accepts, or <c>*</c>.</summary>
    public const string RateField = "{rate}";

    /// <summary>Whether the answer has an HMAC of the challenge.</summary>
    public bool SignsChallenge => Body.Contains("{hmac", StringComparison.Ordinal);

    /// <summary>Whether the handshake reads the body.</summary>
    public bool ReadsBody => Challenge is { ReadsBody: true } || Token is { ReadsBody: true }
        || When.Any(condition => condition.Field.ReadsBody);

    /// <summary>Whether the handshake reads the query of the URL.</summary>
    public bool ReadsQuery => Challenge is { ReadsQuery: true } || Token is { ReadsQuery: true }
        || When.Any(condition => condition.Field.ReadsQuery);
}

/// <summary>What a receiver does with the challenge of a handshake beside sending it back.</summary>
public enum HandshakeAction
{
    None,

    /// <summary>The challenge is a URL of the provider that is fetched (AWS SNS).</summary>
    Fetch,

    /// <summary>The challenge is a token that an operator enters at the provider. It is shown to operators (Notion).</summary>
    Show,
}
