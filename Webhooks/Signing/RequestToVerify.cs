using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Signing;

/// <summary>What verification looks at.</summary>
/// <param name="headers">As received.</param>
/// <param name="body">The raw bytes as received, before any decoding.</param>
/// <param name="url">The URL that the sender called, with its query, for schemes that sign it.</param>
public readonly ref struct RequestToVerify(IHeaderDictionary headers, ReadOnlySpan<byte> body, string url)
{
    public IHeaderDictionary Headers { get; } = headers;

    public ReadOnlySpan<byte> Body { get; } = body;

    public string Url { get; } = url;
}
