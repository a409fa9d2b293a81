using System.Globalization;
using Aspire.Webhooks.Queue;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Aspire.Webhooks.Tests.Integration.Queue;

/// <summary>A database that this process alone cannot reach for a while.</summary>
public sealed class LeaseFenceTests(TestStack stack)
{
    private const int NotSettled = 1121;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_whose_lease_cannot_be_renewed_is_cancelled_before_another_can_have_the_job()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(1);
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(jobs.ConnectionString).Port);
        var stillHeld = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancellation.Register(cancelled.SetResult);
            await cancelled.Task;
            stillHeld.SetResult(await jobs.CountAsync("lease_until > now()") == 1);
            throw new OperationCanceledException(cancellation);
        });
        await using var pump = await StartAsync(jobs, relay, handler, null, ("Lease", "00:00:05"));
        await Eventually.HoldsAsync("it runs", () => Task.FromResult(handler.Runs.Count == 1));

        relay.Cut();

        Assert.True(await stillHeld.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
    }

    // By a clock of the test's: what comes later than at the next look after a third never comes.
    [Fact]
    public async Task A_lease_is_renewed_when_a_third_of_it_has_passed()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        var time = new FakeTimeProvider();
        var leases = new JobLeases(JobKind.Event, JobsDatabase.Lease, database, time, NullLogger.Instance);
        var job = await jobs.EnqueueAndClaimAsync() with { ClaimedAt = time.GetTimestamp() };
        var claimedUntil = await jobs.OfAsync<DateTime>(job, "lease_until");
        leases.Add(job);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var keeping = leases.KeepAsync(stop.Token);

        time.Advance(JobsDatabase.Lease * 0.35);

        await Eventually.HoldsAsync("it is renewed", async () => await jobs.OfAsync<DateTime>(job, "lease_until") > claimedUntil);
        await stop.CancelAsync();
        await keeping;
    }

    [Fact]
    public async Task A_lease_that_is_not_yet_due_is_not_renewed_with_those_that_are()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        var time = new FakeTimeProvider();
        var leases = new JobLeases(JobKind.Event, JobsDatabase.Lease, database, time, NullLogger.Instance);
        var first = await jobs.EnqueueAndClaimAsync() with { ClaimedAt = time.GetTimestamp() };
        var second = await jobs.EnqueueAndClaimAsync();
        var (firstUntil, secondUntil) = (
            await jobs.OfAsync<DateTime>(first, "lease_until"), await jobs.OfAsync<DateTime>(second, "lease_until"));
        leases.Add(first);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var keeping = leases.KeepAsync(stop.Token);
        time.Advance(JobsDatabase.Lease * 0.2);
        leases.Add(second with { ClaimedAt = time.GetTimestamp() });

        time.Advance(JobsDatabase.Lease * 0.15);

        await Eventually.HoldsAsync(
            "the first is renewed", async () => await jobs.OfAsync<DateTime>(first, "lease_until") > firstUntil);
        Assert.Equal(secondUntil, await jobs.OfAsync<DateTime>(second, "lease_until"));
        await stop.CancelAsync();
        await keeping;
    }

    // A plan that compares each lease with each other took seconds for thousands of them, with all their rows locked.
    [Fact]
    public async Task Renewing_many_leases_compares_none_with_all_others()
    {
        const int Many = 2000;
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(Many);
        var held = await jobs.ClaimAsync(Many);
        await using var database = NpgsqlDataSource.Create(jobs.ConnectionString);
        await using var command = database.CreateCommand($"explain (analyze, format json) {JobLeases.RenewSql}");
        command.Parameters.Add(new() { Value = held.Select(job => job.Id).ToArray() });
        command.Parameters.Add(new() { Value = held.Select(job => job.LeaseToken).ToArray() });
        command.Parameters.Add(new() { Value = JobsDatabase.Lease });
        command.Parameters.Add(new() { Value = Array.Empty<long>() });

        var plan = (string)(await command.ExecuteScalarAsync(Cancellation))!;

        Assert.Contains("\"Actual Rows\": 2000", plan, StringComparison.Ordinal);
        const string Removed = "by Join Filter\": ";
        var compared = plan.Split(Removed)[1..].Sum(rest =>
            long.Parse(rest.AsSpan(0, rest.AsSpan().IndexOfAnyExceptInRange('0', '9')), CultureInfo.InvariantCulture));
        Assert.InRange(compared, 0, 10 * Many);
    }

    [Fact]
    public async Task Work_that_ended_in_an_outage_is_settled_after_it_and_not_done_again()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.EnqueueAsync(3);
        await using var relay = new Relay(new NpgsqlConnectionStringBuilder(jobs.ConnectionString).Port);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var log = new RecordedLog();
        var handler = new ScriptedHandler(async (_, cancellation) =>
        {
            await go.Task.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        await using var pump = await StartAsync(jobs, relay, handler, log, ("Lease", "00:05:00"));
        await Eventually.HoldsAsync("they run", () => Task.FromResult(handler.Runs.Count == 3));

        relay.Cut();
        go.SetResult();
        await Eventually.HoldsAsync("the outage is told of", () => Task.FromResult(log.Of(NotSettled).Any()));
        relay.Restore();

        await Eventually.HoldsAsync("all are done", async () => await jobs.CountAsync("state = 'done' and attempt = 1") == 3);
        Assert.Equal(3, handler.Runs.Count);
        Assert.Single(log.Of(NotSettled));
    }

    [Fact]
    public async Task A_claim_that_a_stop_meets_is_given_back_and_counts_no_attempt()
    {
        await using var jobs = await JobsDatabase.CreateAsync(stack);
        await jobs.ExecuteAsync("""
            create function pause() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock(1); return new; end $$;
            create trigger pause before update on webhooks.jobs for each row
            when (new.state = 'running') execute function pause()
            """);
        await using var gate = new NpgsqlConnection(jobs.ConnectionString);
        await gate.OpenAsync(Cancellation);
        await using var hold = new NpgsqlCommand("select pg_advisory_lock(1)", gate);
        await hold.ExecuteNonQueryAsync(Cancellation);
        await jobs.EnqueueAsync(1);
        var handler = new ScriptedHandler((_, _) => throw new InvalidOperationException("It was begun."));
        await using var pump = await PumpHost.StartAsync(
            jobs.ConnectionString, await stack.RedisAsync(), handler, ("Grace", "00:00:00"));
        await Eventually.HoldsAsync("the claim stands still", async () => await Sql.CountAsync(
            jobs.ConnectionString, "pg_locks where locktype = 'advisory' and not granted") == 1);

        var stopping = pump.StopAsync();
        await gate.CloseAsync();
        await stopping;

        // Begun and cut short, or given back before: it is free either way, and no lease has to expire for it.
        Assert.Equal(1, await jobs.CountAsync("state = 'pending' and lease_token is null"));
    }

    private async Task<PumpHost> StartAsync(
        JobsDatabase jobs, Relay relay, ScriptedHandler handler, RecordedLog? log,
        params (string Key, string Value)[] settings) =>
        await PumpHost.StartAsync(
            new NpgsqlConnectionStringBuilder(jobs.ConnectionString) { Port = relay.Port }.ConnectionString,
            await stack.RedisAsync(), handler, log, settings);
}
