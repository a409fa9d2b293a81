using System.Collections.Frozen;
using System.Text;
using Aspire.Webhooks.Payloads;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A prepared answer to a request.</summary>
public sealed record Reply(
    int Status, byte[] Body, string ContentType = "application/json", IReadOnlyDictionary<string, string>? Headers = null)
{
    public Reply(int status, string body, string contentType = "application/json")
        : this(status, Encoding.UTF8.GetBytes(body), contentType)
    {
    }

    public bool IsEmpty => Body.Length == 0;
}

/// <summary>An answer to events whose body has a value at the pointer.</summary>
public sealed record BodyReply(JsonPointer Pointer, Reply Reply);

/// <summary>The answers of a source.</summary>
public sealed record SourceReplies(Reply Accepted, Reply Duplicate, IReadOnlyDictionary<Refusal, Reply> Refusals)
{
    /// <summary>
    /// The answer to events of one kind, accepted or duplicate, in place of the others; null when the provider has one kind.
    /// </summary>
    public BodyReply? ByBody { get; init; }

    /// <summary>Returns the answers with configured ones in their place.</summary>
    /// <param name="path">The configuration key of the source.</param>
    /// <param name="errors">The list that errors are added to, each of which begins with its key.</param>
    public SourceReplies With(string path, ReplyOptions options, List<string> errors)
    {
        var refusals = new Dictionary<Refusal, Reply>(Refusals);
        foreach (var (name, option) in options.Refusals)
        {
            if (Enum.TryParse<Refusal>(name, ignoreCase: true, out var refusal) && !int.TryParse(name, out _)
                && refusal != Refusal.UnknownSource)
            {
                var before = refusals.GetValueOrDefault(refusal, new(refusal.Status(), ""));
                refusals[refusal] = With(before, option);
                continue;
            }

            var known = string.Join(", ", Enum.GetNames<Refusal>().Where(known => known != nameof(Refusal.UnknownSource)));
            errors.Add($"{path}:Replies:Refusals:{name} is no refusal; known are {known}.");
        }

        return new(With(Accepted, options.Accepted), With(Duplicate, options.Duplicate), refusals.ToFrozenDictionary())
        {
            ByBody = options is { Accepted: null, Duplicate: null } ? ByBody : null,
        };
    }

    private static Reply With(Reply reply, ReplyOption? option) => option is null ? reply : new(
        option.Status ?? reply.Status,
        option.Body is null ? reply.Body : Encoding.UTF8.GetBytes(option.Body),
        option.ContentType ?? reply.ContentType);
}
