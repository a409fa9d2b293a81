using Aspire.Webhooks.Receiver.Intake;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>
/// Memories of delivery ids over a database of one test's, with no Receiver. The timeline is on a clock that the test moves.
/// </summary>
internal sealed class Hints : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly ILoggerFactory _logging;
    private readonly LedgerTimeline _timeline;

    private Hints(string database)
    {
        Database = database;
        _source = NpgsqlDataSource.Create(database);
        _logging = LoggerFactory.Create(logging => logging.AddProvider(Log));
        _timeline = new(_source, Time, _logging.CreateLogger<LedgerTimeline>());
    }

    public string Database { get; }

    public RecordedLog Log { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    /// <summary>The timeline has been read already, so that all that comes from now on can be remembered.</summary>
    public static async Task<Hints> CreateAsync(TestStack stack)
    {
        var hints = new Hints(await stack.NewDatabaseAsync());
        Assert.NotNull(hints._timeline.Read());
        return hints;
    }

    public MemoryHint Memory(IdempotencyOptions? options = null) => new(_timeline, Options.Create(options ?? new()));

    public RedisHint Redis(IConnectionMultiplexer redis) =>
        new(redis, _timeline, Options.Create(new IdempotencyOptions()), TimeProvider.System, _logging.CreateLogger<RedisHint>());

    /// <summary>The hint of <c>Webhooks:Idempotency:Provider</c>, Redis or Memory.</summary>
    public IDedupeHint Of(string provider, IConnectionMultiplexer redis) => provider == "Redis" ? Redis(redis) : Memory();

    /// <summary>An event that comes in at this moment.</summary>
    public IntakeItem NewItem(string source, string deliveryId) => new(
        new()
        {
            Source = source, DeliveryId = deliveryId, EventType = "x", Headers = "{}", ContentType = "application/json",
            Body = [],
        },
        Time.GetElapsedTime(0));

    /// <summary>Lets so much time pass that the timeline is read again.</summary>
    public void Pass() => Time.Advance(TimeSpan.FromSeconds(1));

    /// <summary>Waits until exactly these are known. A Redis that is slow for once is left alone for some seconds.</summary>
    public static Task KnowsAsync(IDedupeHint hint, IReadOnlyList<IntakeItem> items, params bool[] expected) =>
        Eventually.HoldsAsync("what was remembered is known", () => Task.FromResult(hint.Known(items).SequenceEqual(expected)));

    public async ValueTask DisposeAsync()
    {
        _logging.Dispose();
        await _source.DisposeAsync();
    }
}
