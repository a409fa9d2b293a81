using System.Text;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Interop;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Cli;

public sealed class SendCliTests(SendCliTests.RunningReceiver receiver) : IClassFixture<SendCliTests.RunningReceiver>, IDisposable
{
    private const string Body = """{ "type" : "ping", "text": "ü \u00fc" }""";

    private static readonly (string Key, string Value)[] Secrets =
        [.. SignatureSchemes.ByName.Keys.Select(scheme =>
            ($"WEBHOOK_SECRET_{scheme.ToUpperInvariant().Replace('-', '_')}", Services.SecretOf(scheme)))];

    private readonly SendCli _cli = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _cli.Dispose();

    public static TheoryData<string> Schemes =>
    [
        .. SignatureSchemes.ByName.Where(scheme => scheme.Value.CanSign).Select(scheme => scheme.Key)
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task The_default_data_is_verified_and_the_same_again_is_a_duplicate(string scheme)
    {
        var id = $"cli-{Guid.CreateVersion7()}";
        string[] arguments = [receiver.Url(scheme), "--scheme", scheme, "--event", "greeting", "--id", id];

        var first = await _cli.RunAsync(Secrets, "", arguments);
        var second = await _cli.RunAsync(Secrets, "", arguments);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        AssertNoSecret(first);

        // Some senders have no id, but its place; and equal notifications of Dropbox are different ones.
        Assert.Equal(
            scheme == "dropbox" ? 2 : 1,
            await receiver.EventsAsync(
                $"source = '{scheme}' and (delivery_id like '%{id}%' or delivery_id not like '%cli-%') "
                + "and event_type in ('greeting', 'message', 'update', 'changed', 'activity')"));
    }

    [Theory]
    [InlineData("twilio", "MessageStatus=sent&To=%2B18005551212", "sent")]
    [InlineData("slack", "command=%2Fdeploy&text=", "/deploy")]
    public async Task Data_that_is_no_JSON_is_sent_as_a_form_to_those_who_take_forms(string scheme, string data, string type)
    {
        var result = await _cli.RunAsync(Secrets, "", receiver.Url(scheme), "--scheme", scheme, "--data", data);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(1, await receiver.EventsAsync($"source = '{scheme}' and event_type = '{type}'"));
    }

    [Theory]
    [InlineData("github", "202 ")]
    [InlineData("standard", "202 ")]
    [InlineData("provider", "200 ")]
    public async Task What_it_signs_is_verified_and_kept_and_the_same_id_again_is_a_duplicate(string scheme, string status)
    {
        var id = $"cli-{Guid.CreateVersion7()}";
        string[] arguments = [receiver.Url(scheme), "--scheme", scheme, "--data", Body, "--id", id];

        var first = await _cli.RunAsync(Secrets, "", arguments);
        var second = await _cli.RunAsync(Secrets, "", arguments);

        Assert.StartsWith(status, first.Output, StringComparison.Ordinal);
        Assert.StartsWith("200 ", second.Output, StringComparison.Ordinal);
        Assert.Contains("duplicate", second.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(Body, await receiver.BodyAsync(id));
        AssertNoSecret(first);
    }

    [Fact]
    public async Task A_github_event_is_verified_by_octokit()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);
        var environment = new Dictionary<string, string>(
            StringComparer.Ordinal) { ["WEBHOOK_SECRET_GITHUB"] = Services.GitHubSecret };
        await using var server = await NodeServer.StartAsync("github-server.mjs", environment, Cancellation);

        var result = await _cli.RunAsync(
            Secrets, "", server.Uri.ToString(), "--scheme", "github", "--event", "push", "--data", Body, "--id", "d-1");
        var received = await server.Received.ReadAsync(Cancellation);

        Assert.Equal(0, result.ExitCode);
        Assert.True(received.GetProperty("verified").GetBoolean());
        Assert.Equal("push", received.GetProperty("headers").GetProperty("x-github-event").GetString());
        Assert.Equal("d-1", received.GetProperty("headers").GetProperty("x-github-delivery").GetString());
    }

    [Fact]
    public async Task A_secret_is_found_in_the_dotenv_of_a_folder_above()
    {
        _cli.WriteDotEnv($"# secrets\nWEBHOOK_SECRET_GITHUB=\"{Services.GitHubSecret}\"\n");

        var result = await _cli.RunAsync(receiver.Url("github"), "--scheme", "github");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        AssertNoSecret(result);
    }

    [Fact]
    public async Task The_environment_wins_over_dotenv()
    {
        _cli.WriteDotEnv("WEBHOOK_SECRET_GITHUB=not-the-secret-of-the-receiver\n");

        var result = await _cli.RunAsync(Secrets, "", receiver.Url("github"), "--scheme", "github");

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_secret_may_be_kept_under_another_name()
    {
        _cli.WriteDotEnv($"WEBHOOK_SECRET_GITHUB=not-the-secret\nMINE=\"{Services.GitHubSecret}\"\n");

        var result = await _cli.RunAsync(receiver.Url("github"), "--scheme", "github", "--secret-key", "MINE");

        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("@data.json", "")]
    [InlineData("-", Body)]
    public async Task Data_comes_from_a_file_or_standard_input_byte_for_byte(string data, string input)
    {
        var id = $"cli-{Guid.CreateVersion7()}";
        _cli.WriteFile("data.json", Encoding.UTF8.GetBytes(Body));

        var result = await _cli.RunAsync(
            Secrets, input, receiver.Url("github"), "--scheme", "github", "--data", data, "--id", id);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Body, await receiver.BodyAsync(id));
    }

    [Fact]
    public async Task A_wrong_secret_is_a_failure_that_shows_the_answer()
    {
        var result = await _cli.RunAsync(
            [("WEBHOOK_SECRET_GITHUB", "a-wrong-secret")], "", receiver.Url("github"), "--scheme", "github");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("401 ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("a-wrong-secret", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "webhooks.example.com/github", "--scheme", "github", "'webhooks.example.com/github' is no absolute http or https URL")]
    [InlineData("ftp://localhost/", "--scheme", "github", "'ftp://localhost/' is no absolute http or https URL")]
    [InlineData("http://localhost/", "--scheme", "acme", "'acme'")]
    [InlineData("http://localhost/", "--scheme", "sns", "'sns'")]
    [InlineData("http://localhost/", "--secret", "x", "--secret")]
    [InlineData("http://localhost/", "--repeat", "0", "--repeat is a whole number from 1 to 1000")]
    [InlineData("http://localhost/", "--repeat", "many", "--repeat")]
    [InlineData("http://localhost/", "--repeat", "99999999999", "--repeat")]
    [InlineData("http://localhost/", "--secret-key", "NO_SUCH_KEY", "NO_SUCH_KEY")]
    [InlineData("http://localhost/", "--scheme", "standard", "WEBHOOK_SECRET_STANDARD")]
    public async Task A_command_line_that_makes_no_sense_is_2_and_one_line_that_says_why(
        string url, string option, string value, string reason)
    {
        var result = await _cli.RunAsync(url, option, value);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(
            reason, Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@no-such-file")]
    [InlineData("@.")]
    [InlineData("{}")]
    public async Task What_cannot_be_read_or_reached_is_1_and_one_line_that_says_why(string data)
    {
        var result = await _cli.RunAsync(Secrets, "", "http://127.0.0.1:1/", "--scheme", "github", "--data", data);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        AssertNoSecret(result);
    }

    [Theory]
    [InlineData("whsec_%%%%%%%%%%%%")]
    [InlineData("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")] // verifies only
    public async Task A_secret_that_the_scheme_cannot_use_is_not_shown(string secret)
    {
        var result = await _cli.RunAsync([("WEBHOOK_SECRET_STANDARD", secret)], "", receiver.Url("standard"));

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain(secret, result.Output + result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public async Task Repeating_sends_one_delivery_again_and_again_or_a_new_one_each_time(bool withId, int events)
    {
        var type = $"repeated-{Guid.CreateVersion7()}";
        string[] id = withId ? ["--id", type] : [];

        var result = await _cli.RunAsync(
            Secrets, "", [receiver.Url("github"), "--scheme", "github", "--event", type, "--repeat", "3", .. id]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(3, result.Output.Split('\n').Count(line => line is "202 Accepted" or "200 OK"));
        Assert.Equal(events, await receiver.EventsAsync($"source = 'github' and event_type = '{type}'"));
    }

    [Fact]
    public async Task One_refusal_among_several_is_a_failure()
    {
        await using var server = await MerchantServer.StartAsync(200, 500, 200);

        var result = await _cli.RunAsync(Secrets, "", server.Url.AbsoluteUri, "--repeat", "3");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, server.All.Count);
    }

    [Fact]
    public async Task Help_is_no_error()
    {
        var result = await _cli.RunAsync("--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains("--scheme", result.Output, StringComparison.Ordinal);
    }

    private static void AssertNoSecret(FinishedProcess result) =>
        Assert.All(
            Secrets, secret => Assert.DoesNotContain(secret.Value, result.Output + result.Errors, StringComparison.Ordinal));

    /// <summary>A Receiver for the whole class.</summary>
    public sealed class RunningReceiver(TestStack stack) : IAsyncLifetime
    {
        private ServiceHost<SourceCatalog>? _receiver;
        private string _database = "";

        public string Url(string source) => new Uri(_receiver!.Address, $"/webhooks/{source}").ToString();

        public Task<string?> BodyAsync(string delivery) => Sql.ScalarAsync<string>(
            _database, $"select convert_from(body, 'UTF8') from webhooks.inbound_events where delivery_id = '{delivery}'");

        public Task<long> EventsAsync(string where) => Sql.CountAsync(_database, $"webhooks.inbound_events where {where}");

        public async ValueTask InitializeAsync()
        {
            _database = await stack.NewDatabaseAsync();
            _receiver = await Services.ReceiverAsync(
                _database, await stack.RedisAsync(), [.. Schemes.Select(row => ($"Webhooks:Sources:{row.Data}:Scheme", row.Data))]);
        }

        public async ValueTask DisposeAsync()
        {
            if (_receiver is not null)
            {
                await _receiver.DisposeAsync();
            }
        }
    }
}
