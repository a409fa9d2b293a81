using Aspire.Webhooks.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aspire.Webhooks.Tests.Unit.Storage;

public sealed class DatabaseUrlTests
{
    private const string Url = "postgresql://app:p%40ss%2Fw@db.example.com:6432/web%20hooks?sslmode=verify-full";

    [Theory]
    [InlineData(Url, "db.example.com", 6432, "app", "p@ss/w", "web hooks", SslMode.VerifyFull)]
    [InlineData("postgres://app@db/x", "db", 5432, "app", null, "x", SslMode.Prefer)]
    [InlineData("postgresql+asyncpg://app:secret@db/x?ssl=require", "db", 5432, "app", "secret", "x", SslMode.Require)]
    [InlineData("postgresql://[::1]:5433/x", "::1", 5433, null, null, "x", SslMode.Prefer)]
    [InlineData("postgresql:///x?host=/var/run/postgresql", "/var/run/postgresql", 5432, null, null, "x", SslMode.Prefer)]
    [InlineData("Host=db;Username=app;Password=secret;Database=x", "db", 5432, "app", "secret", "x", SslMode.Prefer)]
    public void A_URL_becomes_a_connection_string(
        string url, string host, int port, string? user, string? password, string database, SslMode ssl)
    {
        var read = new NpgsqlConnectionStringBuilder(DatabaseUrl.Parse(url));

        Assert.Equal(
            (host, port, user, password, database, ssl),
            (read.Host, read.Port, read.Username, read.Password, read.Database, read.SslMode));
    }

    [Theory]
    [InlineData("sqlite+aiosqlite:///./data/app.db")]
    [InlineData("mysql://app:secret@db/x")]
    [InlineData("postgresql://")]
    [InlineData("postgresql://db/x?sslmode=perhaps")]
    [InlineData("postgresql://db/x?unknown=1")]
    [InlineData("db.example.com")]
    [InlineData("Host")]
    public void What_names_no_PostgreSQL_is_none(string url) => Assert.Null(DatabaseUrl.Parse(url));

    [Theory]
    [InlineData(null, "Host=db.example.com")]
    [InlineData("Host=elsewhere", "Host=elsewhere")]
    public void The_connection_string_takes_precedence(string? connection, string expected)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            [new("DATABASE_URL", Url), new("ConnectionStrings:webhooks", connection)]);

        DatabaseUrl.Add(builder);

        Assert.StartsWith(expected, builder.Configuration.GetConnectionString("webhooks"), StringComparison.Ordinal);
    }
}
