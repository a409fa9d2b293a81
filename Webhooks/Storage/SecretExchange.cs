using Aspire.Webhooks.ServiceDefaults.Logging;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Npgsql;
using NpgsqlTypes;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Shares the configured secrets of all processes as <see cref="SecretFingerprint"/>s in the database, so that every process
/// redacts them all. The others redact the secrets of a process before it handles anything, and within a second after its
/// configuration is reloaded.
/// </summary>
public sealed partial class SecretExchange(
    NpgsqlDataSource database, Redactor redactor, IConfiguration configuration, TimeProvider time, ILogger<SecretExchange> logger)
    : BackgroundService
{
    // How often the table is read. It has some hundred rows, so that takes 50 µs.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // Ids are assigned in order, but committed in any order. A row that was not visible before is among the last ones.
    private const int Overlap = 1000;

    private const string SaltSql = "select uuid_send(id) from webhooks.ledger";

    private const string PublishSql = """
        insert into webhooks.secret_fingerprints (hash, hint, length) select * from unnest($1, $2, $3)
        on conflict (hash) do nothing
        """;

    private const string ReadSql = "select id, hash, hint, length from webhooks.secret_fingerprints where id > $1";

    private readonly Dictionary<string, SecretFingerprint> _known = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Outage _outage = new(time);
    private HashSet<string> _published = new(StringComparer.Ordinal);

    // Tells whether the configuration has changed since its secrets were published.
    private IChangeToken? _current;
    private byte[] _salt = [];
    private long _last;

    /// <summary>Publishes the secrets of this process and reads those of the others. The schema must be up to date.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken)
    {
        // The others read four times a second. This process handles nothing before they have, as it could pass on a secret that
        // they do not know. The first process does not wait: it published all that there is.
        if (await ExchangeAsync(cancellationToken) is > 0 and var added && added < _known.Count)
        {
            await Task.Delay(4 * Interval, TimeProvider.System, cancellationToken);
        }

        _begun.TrySetResult();
    }

    /// <summary>Publishes secrets that are stored instead of configured, in the transaction that stores them.</summary>
    public async Task PublishAsync(
        NpgsqlTransaction transaction, IEnumerable<Secret> secrets, CancellationToken cancellationToken)
    {
        await _begun.Task.WaitAsync(cancellationToken);
        var fingerprints = secrets.SelectMany(secret => SecretFingerprint.OfSecret(secret.Reveal(), _salt)).ToList();
        if (fingerprints.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(PublishSql, transaction.Connection, transaction);
        Fill(command, fingerprints);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _begun.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ExchangeAsync(stoppingToken);
                if (_outage.Ends() is { } duration)
                {
                    LogEnded(logger, duration);
                }
            }
            catch (Exception exception) when (
                exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                if (_outage.Begins())
                {
                    LogFailed(logger, exception);
                }
            }
        }
    }

    // Returns how many fingerprints were new to the database.
    private async Task<int> ExchangeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (_salt.Length == 0)
        {
            await using var salt = new NpgsqlCommand(SaltSql, connection);
            _salt = (byte[])(await salt.ExecuteScalarAsync(cancellationToken))!;
        }

        var added = await PublishAsync(connection, cancellationToken);
        await LearnAsync(connection, cancellationToken);
        return added;
    }

    private async Task<int> PublishAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // To read all of the configuration takes longer than to read the table.
        if (_current is { HasChanged: false })
        {
            return 0;
        }

        var current = configuration.GetReloadToken();
        var secrets = ConfiguredSecrets.In(configuration).ToHashSet(StringComparer.Ordinal);
        var added = secrets.Except(_published, StringComparer.Ordinal).ToList();
        var count = 0;
        if (added.Count > 0)
        {
            await using var command = new NpgsqlCommand(PublishSql, connection);
            Fill(command, [.. added.SelectMany(secret => SecretFingerprint.OfSecret(secret, _salt))]);
            count = await command.ExecuteNonQueryAsync(cancellationToken);
        }

        (_published, _current) = (secrets, current);
        return count;
    }

    private async Task LearnAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            ReadSql, connection) { Parameters = { new() { Value = Math.Max(0, _last - Overlap) } } };
        await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var before = _known.Count;
        while (await reader.ReadAsync(cancellationToken))
        {
            var hash = reader.GetFieldValue<byte[]>(1);
            _known.TryAdd(Convert.ToHexString(hash), new(reader.GetInt32(3), reader.GetInt32(2), hash));
            _last = Math.Max(_last, reader.GetInt64(0));
        }

        if (_known.Count > before)
        {
            redactor.LearnFingerprints(_known.Values, _salt);
        }
    }

    private static void Fill(NpgsqlCommand command, List<SecretFingerprint> fingerprints)
    {
        // Sorted, so that two processes that publish the same secrets at once do not deadlock.
        fingerprints.Sort((one, other) => one.Hash.AsSpan().SequenceCompareTo(other.Hash));
        command.Parameters.AddColumn(fingerprints, fingerprint => fingerprint.Hash, NpgsqlDbType.Bytea);
        command.Parameters.AddColumn(fingerprints, fingerprint => fingerprint.Hint, NpgsqlDbType.Integer);
        command.Parameters.AddColumn(fingerprints, fingerprint => fingerprint.Length, NpgsqlDbType.Integer);
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Warning,
        Message = "The fingerprints of other processes' secrets cannot be read; those known so far are redacted. Retrying.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        EventId = 1012, Level = LogLevel.Information,
        Message = "The fingerprints of secrets can be read again, after {Duration}.")]
    private static partial void LogEnded(ILogger logger, TimeSpan duration);
}
