using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Aspire.Webhooks.Tests.Integration;

/// <summary>Tokens that <c>dotnet user-jwts</c> makes, at services as a developer starts them.</summary>
public sealed class DeveloperAccessTests(TestStack stack)
{
    private static readonly Dictionary<string, string> Routes = new(StringComparer.Ordinal)
    {
        ["Receiver"] = "/events?limit=1", ["Worker"] = "/tasks?limit=1", ["Sender"] = "/api/v1/webhooks?limit=1",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_projects_token_opens_every_service_and_making_it_changes_no_file()
    {
        using var machine = new NewMachine();
        var database = await stack.NewDatabaseAsync();
        var tokens = new List<string>();
        await using (var services = await StartAsync(machine, database, NewMachine.ProjectNames))
        {
            foreach (var project in NewMachine.ProjectNames)
            {
                tokens.Add(await machine.CreateTokenAsync(project));
                await AssertOpensAsync(services, tokens[^1]);
            }
        }

        await using var again = await StartAsync(machine, database, NewMachine.ProjectNames);
        foreach (var token in tokens)
        {
            await AssertOpensAsync(again, token);
        }

        Assert.All(NewMachine.ProjectNames.Select(NewMachine.SettingsOf), file =>
            Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Folder, file)), File.ReadAllBytes(machine.PathOf(file))));
    }

    [Fact]
    public async Task Whatever_user_jwts_writes_to_a_projects_settings_tokens_stay_valid()
    {
        using var machine = new NewMachine();
        var token = await machine.CreateTokenAsync("Receiver");
        await using var sender = await StartAsync(machine, await stack.NewDatabaseAsync(), "Sender");

        var otherAudience = await machine.CreateTokenAsync("Sender", "--audience", "somebody");
        await Eventually.HoldsAsync("the other audience is valid", () => sender.AreOpenedByAsync(otherAudience));
        await AssertOpensAsync(sender, token);

        var otherIssuer = await machine.CreateTokenAsync("Sender", "--issuer", "somebody");
        await Eventually.HoldsAsync("the other issuer is valid", () => sender.AreOpenedByAsync(otherIssuer));
        await AssertOpensAsync(sender, token);

        await machine.UserJwtsAsync("Sender", "remove", new JsonWebToken(otherIssuer).Id);
        await Eventually.HoldsAsync("the other issuer is unknown", async () => !await sender.AreOpenedByAsync(otherIssuer));
        await AssertOpensAsync(sender, token);
    }

    private async Task<RunningServices> StartAsync(NewMachine machine, string database, params IEnumerable<string> projects) =>
        await RunningServices.StartAsync(machine, database, await stack.RedisAsync(), projects);

    private static async Task AssertOpensAsync(RunningServices services, string token) => Assert.All(
        await services.AnswersAsync(token), answer => Assert.Equal((answer.Project, HttpStatusCode.OK), answer));

    private sealed class RunningServices : IAsyncDisposable
    {
        private readonly Dictionary<string, ServiceProcess> _processes = [];
        private readonly Dictionary<string, HttpClient> _clients = [];

        /// <summary>Starts all at once, and waits until they are ready.</summary>
        public static async Task<RunningServices> StartAsync(
            NewMachine machine, string database, string redis, IEnumerable<string> projects)
        {
            var services = new RunningServices();
            try
            {
                foreach (var project in projects)
                {
                    (string Key, string Value)[] environment = [.. Secrets, .. machine.EnvironmentOf(project)];
                    services._processes[project] = Start(project, database, redis, environment);
                }

                foreach (var (project, process) in services._processes)
                {
                    var client = services._clients[project] = new HttpClient { BaseAddress = await process.AddressAsync() };
                    await Eventually.HoldsAsync($"the {project} is ready", async () =>
                        (await client.GetAsync("/health/ready", Cancellation)).IsSuccessStatusCode);
                }

                return services;
            }
            catch
            {
                await services.DisposeAsync();
                throw;
            }
        }

        public async Task<bool> AreOpenedByAsync(string token) =>
            (await AnswersAsync(token)).All(answer => answer.Status == HttpStatusCode.OK);

        public async Task<List<(string Project, HttpStatusCode Status)>> AnswersAsync(string token)
        {
            var answers = new List<(string Project, HttpStatusCode Status)>();
            foreach (var (project, client) in _clients)
            {
                answers.Add((project, (await client.With(token).CallAsync(Routes[project])).Status));
            }

            return answers;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var (project, process) in _processes)
            {
                _clients.GetValueOrDefault(project)?.Dispose();
                await process.DisposeAsync();
            }
        }

        // Without the tokens of the other tests.
        private static IEnumerable<(string Key, string Value)> Secrets => Services.Settings("", "")
            .Where(setting => setting.Key.StartsWith("WEBHOOK_", StringComparison.Ordinal))
            .Select(setting => (setting.Key, setting.Value));

        private static ServiceProcess Start(
            string project, string database, string redis, (string Key, string Value)[] environment) => project switch
        {
            "Receiver" => ServiceProcess.Receiver(database, redis, environment),
            "Worker" => ServiceProcess.Worker(database, redis, environment),
            _ => ServiceProcess.Sender(database, redis, environment),
        };
    }
}
