using System.Globalization;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>One of Redis's numbered databases, for one test alone; the stack itself uses 0.</summary>
public sealed class RedisDatabase : IDisposable
{
    private static int _last;

    private readonly ConnectionMultiplexer _connection;
    private readonly int _number;

    public RedisDatabase(string redis)
    {
        // Redis has sixteen.
        _number = Interlocked.Increment(ref _last);
        ConnectionString = $"{redis},defaultDatabase={_number.ToString(CultureInfo.InvariantCulture)}";
        _connection = ConnectionMultiplexer.Connect($"{ConnectionString},allowAdmin=true,syncTimeout=60000");
    }

    public string ConnectionString { get; }

    private IServer Server => _connection.GetServer(_connection.GetEndPoints()[0]);

    /// <summary>Asks for it and does not wait: under load the answer takes longer than this client is willing to.</summary>
    public void Flush() => Server.FlushDatabase(_number, CommandFlags.FireAndForget);

    public IReadOnlyList<string> Keys() => [.. Server.Keys(_number, "*").Select(key => (string)key!)];

    public TimeSpan TimeToLive(string key) => _connection.GetDatabase(_number).KeyTimeToLive(key) ?? TimeSpan.MaxValue;

    public void Dispose() => _connection.Dispose();
}
