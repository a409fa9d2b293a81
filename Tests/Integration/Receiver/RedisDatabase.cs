using System.Globalization;
using StackExchange.Redis;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>One of Redis's numbered databases, for one test alone; the stack itself uses 0.</summary>
public sealed class RedisDatabase : IDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly int _number;

    public RedisDatabase(string redis, int number)
    {
        _number = number;
        ConnectionString = $"{redis},defaultDatabase={number.ToString(CultureInfo.InvariantCulture)}";
        _connection = ConnectionMultiplexer.Connect($"{ConnectionString},allowAdmin=true,syncTimeout=60000");
    }

    public string ConnectionString { get; }

    private IServer Server => _connection.GetServer(_connection.GetEndPoints()[0]);

    /// <summary>Asks for it and does not wait: under load the answer takes longer than this client is willing to.</summary>
    public void Flush() => Server.FlushDatabase(_number, CommandFlags.FireAndForget);

    public IReadOnlyList<string> Keys() => [.. Server.Keys(_number, "*").Select(key => (string)key!)];

    public void Dispose() => _connection.Dispose();
}
