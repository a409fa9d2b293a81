using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Receiver.Intake;

/// <summary>
/// The verification tokens that providers sent for an operator to enter, the newest first. Anybody can send one, so that they are
/// kept in memory, for an hour, and only the last few of each source.
/// </summary>
public sealed class VerificationTokens(TimeProvider time)
{
    private const int MaxPerSource = 5;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private List<VerificationToken> _tokens = [];

    public void Add(Source source, string token)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            _tokens =
            [
                new(source.Name, new Secret(token), now),
                .. _tokens.Where(known => known.ReceivedAt > now - Lifetime && known.Token.Reveal() != token)
                    .GroupBy(known => known.Source, StringComparer.Ordinal)
                    .SelectMany(known => known.Take(known.Key == source.Name ? MaxPerSource - 1 : MaxPerSource)),
            ];
        }
    }

    public IReadOnlyList<VerificationToken> All()
    {
        lock (_lock)
        {
            var oldest = time.GetUtcNow() - Lifetime;
            return [.. _tokens.Where(token => token.ReceivedAt > oldest)];
        }
    }
}

/// <summary>A token that a provider sent without a signature.</summary>
public sealed record VerificationToken(string Source, Secret Token, DateTimeOffset ReceivedAt);
