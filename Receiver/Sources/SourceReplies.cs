using System.Collections.Frozen;
using System.Text;

namespace Aspire.Webhooks.Receiver.Sources;

/// <summary>A prepared answer.</summary>
public sealed record Reply(int Status, byte[] Body, string ContentType = "application/json")
{
    public Reply(int status, string body, string contentType = "application/json")
        : this(status, Encoding.UTF8.GetBytes(body), contentType)
    {
    }

    public bool IsEmpty => Body.Length == 0;
}

/// <summary>A source's answers.</summary>
public sealed record SourceReplies(Reply Accepted, Reply Duplicate, IReadOnlyDictionary<Refusal, Reply> Refusals)
{
    private const string Section = "Replies";

    /// <summary>Puts configured answers in the place of others.</summary>
    /// <param name="path">The source's configuration key.</param>
    /// <param name="errors">Takes what is wrong, each entry naming its key.</param>
    public SourceReplies With(string path, ReplyOptions options, List<string> errors)
    {
        var refusals = new Dictionary<Refusal, Reply>(Refusals);
        foreach (var (name, option) in options.Refusals)
        {
            if (Enum.TryParse<Refusal>(name, ignoreCase: true, out var refusal) && !int.TryParse(name, out _) && refusal != Refusal.UnknownSource)
            {
                var before = refusals.GetValueOrDefault(refusal, new(refusal.Status(), ""));
                refusals[refusal] = With($"{path}:{Section}:Refusals:{name}", before, option, 400, 599, errors);
                continue;
            }

            var known = string.Join(", ", Enum.GetNames<Refusal>().Where(known => known != nameof(Refusal.UnknownSource)));
            errors.Add($"{path}:{Section}:Refusals:{name} is no refusal; known are {known}.");
        }

        return new(
            With($"{path}:{Section}:Accepted", Accepted, options.Accepted, 200, 299, errors),
            With($"{path}:{Section}:Duplicate", Duplicate, options.Duplicate, 200, 299, errors),
            refusals.ToFrozenDictionary());
    }

    private static Reply With(string key, Reply reply, ReplyOption? option, int from, int to, List<string> errors)
    {
        if (option?.Status < from || option?.Status > to)
        {
            errors.Add($"{key}:Status is {option.Status}; it goes from {from} to {to}.");
        }

        return option is null ? reply : new(
            option.Status ?? reply.Status,
            option.Body is null ? reply.Body : Encoding.UTF8.GetBytes(option.Body),
            option.ContentType ?? reply.ContentType);
    }
}
