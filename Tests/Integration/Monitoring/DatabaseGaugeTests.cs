using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Monitoring;

/// <summary>What a service reads from the database to expose it, at its start and then again and again.</summary>
public sealed class DatabaseGaugeTests(TestStack stack)
{
    [Fact]
    public async Task Waiting_approvals_and_the_age_of_the_oldest_are_measured()
    {
        var database = await stack.NewDatabaseAsync();
        await ApprovalRows.AddAsync(database);
        await ApprovalRows.AddAsync(database);
        await ApprovalRows.AddAsync(database, state: "granted");
        await ApprovalRows.AddAsync(database, expiresIn: "-1 minute");
        await Sql.ExecuteAsync(database, """
            update webhooks.approvals set requested_at = now() - interval '2 hours'
            where id = (select id from webhooks.approvals order by id limit 1)
            """);

        using var measured = new Measurements();
        await using var worker = await Services.WorkerAsync(database, await stack.RedisAsync());
        await measured.MineAsync("webhook.approvals.oldest_age", 1);

        Assert.Equal(2, measured.Mine("webhook.approvals.pending")[0].Value);
        Assert.InRange(measured.Mine("webhook.approvals.oldest_age")[0].Value, 7200, 7800);
    }

    [Fact]
    public async Task Open_circuits_are_measured()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        foreach (var hold in (string[])["1 hour", "2 hours", "-1 minute"])
        {
            await Tables.HoldAsync(outbox.Database, await outbox.AddEndpointAsync(new Uri("https://merchant.example/")), hold);
        }

        using var measured = new Measurements();
        await using var sender = await Services.SenderAsync(outbox.Database, await stack.RedisAsync());
        await measured.MineAsync("webhook.circuits.open", 1);

        Assert.Equal(2, measured.Mine("webhook.circuits.open")[0].Value);
    }

    [Fact]
    public async Task Paused_sources_are_measured_and_open_circuits_are_none()
    {
        var outbox = new Outbox(await stack.NewDatabaseAsync());
        await Tables.HoldAsync(outbox.Database, await outbox.AddEndpointAsync(new Uri("https://merchant.example/")), "1 hour");
        await Sql.ExecuteAsync(
            outbox.Database,
            "insert into webhooks.lanes (kind, lane, held_until, paused_at) values ('event', 'github', 'infinity', now())");

        using var measured = new Measurements();
        await using var receiver = await Services.ReceiverAsync(outbox.Database, await stack.RedisAsync());
        await measured.MineAsync("webhook.sources.paused", 1);

        Assert.Equal(1, measured.Mine("webhook.sources.paused")[0].Value);
    }
}
