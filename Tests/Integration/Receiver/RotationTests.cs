using System.Collections.Concurrent;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>A secret is replaced by another while the sender goes on sending.</summary>
public sealed class RotationTests(TestStack stack)
{
    private const string Old = "the-secret-to-be-retired";
    private const string New = "the-secret-that-follows";
    private const int Clients = 6;
    private const int AnswersPerState = 60;

    // Within the scheme's tolerance, so that the jump makes no signed time stale.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(4);

    // Even states are stable; in odd ones the next is on its way.
    private static readonly bool?[] OldIsValid = [true, true, true, true, true, null, false, false, false];
    private static readonly bool?[] NewIsValid = [false, null, true, true, true, true, true, true, true];

    private readonly ConcurrentDictionary<(int State, string Secret), int> _answers = [];
    private volatile int _state;

    [Fact]
    public async Task While_a_secret_is_rotated_no_valid_request_is_refused_and_no_retired_secret_is_accepted()
    {
        var database = await stack.NewDatabaseAsync();
        var clock = new MovableClock();
        await using var receiver = await Services.ReceiverAsync(
            database, await stack.RedisAsync(), services => services.AddSingleton<TimeProvider>(clock));
        var configuration = new ChangingConfiguration();
        configuration.Set(Source(("ROTATION_OLD", null)));
        ((IConfigurationBuilder)receiver.Services.GetRequiredService<IConfiguration>()).Add(configuration);
        using var client = receiver.NewClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var clients = Enumerable.Range(1, Clients).Select(seed => SendAsync(client, clock, new Random(seed), stop.Token))
            .ToList();
        try
        {
            await MoveAsync(clients, () => configuration.Set(Source(("ROTATION_OLD", null), ("ROTATION_NEW", null))));
            await MoveAsync(
                clients, () => configuration.Set(Source(("ROTATION_OLD", clock.GetUtcNow() + Grace), ("ROTATION_NEW", null))));
            await MoveAsync(clients, () => clock.Jump(Grace));
            await MoveAsync(clients, () => configuration.Set(Source(("ROTATION_NEW", null))));
            await EnoughAnswersAsync(clients);
        }
        finally
        {
            await stop.CancelAsync();
        }

        var accepted = (await Task.WhenAll(clients)).Sum();
        Assert.Equal(accepted, await Sql.CountAsync(database, "webhooks.inbound_events where source = 'rotating'"));
    }

    private async Task MoveAsync(IReadOnlyList<Task> clients, Action move)
    {
        await EnoughAnswersAsync(clients);
        _state++;
        move();
        _state++;
    }

    private Task EnoughAnswersAsync(IReadOnlyList<Task> clients) =>
        Eventually.HoldsAsync($"both secrets were tried in state {_state}", async () =>
    {
        foreach (var client in clients.Where(client => client.IsFaulted))
        {
            await client;
        }

        return new[] { Old, New }.All(secret => _answers.GetValueOrDefault((_state, secret)) >= AnswersPerState);
    });

    private async Task<long> SendAsync(HttpClient client, MovableClock clock, Random random, CancellationToken stop)
    {
        var accepted = 0L;
        while (!stop.IsCancellationRequested)
        {
            var (secret, valid) = random.Next(2) == 0 ? (Old, OldIsValid) : (New, NewIsValid);
            var request = new HttpRequestMessage(
                HttpMethod.Post, "/webhooks/rotating") { Content = Delivery.Json(Delivery.Body) };
            var before = _state;
            foreach (var (name, value) in MessageSigner.Sign(
                SignatureSchemes.Provider,
                [SigningKey.Parse(new Secret(secret), KeyEncoding.Utf8)],
                Delivery.NewId(),
                clock.GetUtcNow(),
                Encoding.UTF8.GetBytes(Delivery.Body)))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            var answer = await client.PostAsync(request);
            var after = _state;

            var isAccepted = (int)answer.Status is >= 200 and < 300;
            accepted += isAccepted ? 1 : 0;
            var meanwhile = valid[before..(after + 1)];
            Assert.True(
                isAccepted || !Array.TrueForAll(meanwhile, v => v == true),
                $"{secret} was refused in state {before} to {after}: {answer}");
            Assert.False(
                isAccepted && Array.TrueForAll(meanwhile, v => v == false),
                $"{secret} was accepted in state {before} to {after}.");
            _answers.AddOrUpdate((before, secret), 1, (_, count) => count + 1);
        }

        return accepted;
    }

    private static Dictionary<string, string?> Source(params (string Key, DateTimeOffset? ExpiresAt)[] secrets)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["ROTATION_OLD"] = Old,
            ["ROTATION_NEW"] = New,
            ["Webhooks:Sources:rotating:Scheme"] = "provider",
        };
        for (var i = 0; i < secrets.Length; i++)
        {
            settings[$"Webhooks:Sources:rotating:Secrets:{i}:Key"] = secrets[i].Key;
            if (secrets[i].ExpiresAt is { } end)
            {
                settings[$"Webhooks:Sources:rotating:Secrets:{i}:ExpiresAt"] = end.ToString("O");
            }
        }

        return settings;
    }

    /// <summary>Configuration that changes as a whole, as a file does.</summary>
    private sealed class ChangingConfiguration : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Set(Dictionary<string, string?> settings)
        {
            Data = settings;
            OnReload();
        }
    }

    /// <summary>The system's clock, put forward.</summary>
    private sealed class MovableClock : TimeProvider
    {
        private long _ahead;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

        public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
    }
}
