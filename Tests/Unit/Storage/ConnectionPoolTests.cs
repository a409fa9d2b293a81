using Aspire.Webhooks.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Aspire.Webhooks.Tests.Unit.Storage;

public sealed class ConnectionPoolTests
{
    [Theory]
    [InlineData("", 20, 10)]
    [InlineData(";Maximum Pool Size=100", 100, 100)]
    [InlineData(";MaxPoolSize=7", 7, 7)]
    public async Task Pools_leave_room_on_the_server_unless_the_connection_string_says_otherwise(string setting, int hot, int read)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:webhooks", $"Host=127.0.0.1;Username=u{setting}")]);
        builder.AddWebhookStorage();
        using var host = builder.Build();
        await using var scope = host.Services.CreateAsyncScope();

        var dataSource = scope.ServiceProvider.GetRequiredService<NpgsqlDataSource>();
        var context = scope.ServiceProvider.GetRequiredService<WebhooksDb>();

        Assert.Equal(hot, new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize);
        Assert.Equal(read, new NpgsqlConnectionStringBuilder(context.Database.GetConnectionString()).MaxPoolSize);
    }
}
