using Aspire.Webhooks.ServiceDefaults.Access;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class UserSecretsTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("home-");

    private string Folder => Path.Combine(_home.FullName, "usersecrets", "id");

    private string File => Path.Combine(Folder, "secrets.json");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_are_read_whoever_makes_their_folder_and_whenever(bool folderIsThereByNow)
    {
        await using var host = await StartAsync(() =>
        {
            if (folderIsThereByNow)
            {
                Directory.CreateDirectory(Folder);
            }
        });
        Assert.Equal("", await SecretAsync(host));

        Write("""{ "Secret": "later" }""");
        Assert.Equal("later", await SecretAsync(host));
    }

    [Fact]
    public async Task They_are_gone_when_their_folder_is_deleted_and_read_when_it_is_made_again()
    {
        Write("""{ "Secret": "first" }""");
        await using var host = await StartAsync();
        Assert.Equal("first", await SecretAsync(host));

        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
        Assert.Equal("", await SecretAsync(host));

        Write("""{ "Secret": "second" }""");
        Assert.Equal("second", await SecretAsync(host));
    }

    [Fact]
    public async Task A_half_written_file_changes_nothing_until_the_rest_is_there()
    {
        Write("""{ "Secret": "old" }""");
        await using var host = await StartAsync();

        Write("""{ "Secret": """);
        Assert.Equal("old", await SecretAsync(host));
        Assert.Equal("old", await SecretAsync(host));

        Write("""{ "Secret": "new" }""");
        Assert.Equal("new", await SecretAsync(host));
    }

    [Fact]
    public async Task An_empty_file_is_none_at_the_start_and_one_that_is_no_JSON_stops_it()
    {
        Write("");
        await using (var host = await StartAsync())
        {
            Assert.Equal("", await SecretAsync(host));
        }

        Write("{");
        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => StartAsync());
        Assert.Contains(File, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_answered_by_what_it_loaded_while_options_are_being_made_for_an_earlier_change()
    {
        Write("""{ "Secret": "old" }""");
        var other = new OtherSource();
        using var release = new ManualResetEventSlim();
        TaskCompletionSource? entered = null;
        await using var host = await ServiceHost.StartAsync(
            builder =>
            {
                builder.Configuration.AddJsonFile("secrets.json", optional: true, reloadOnChange: true);
                builder.Configuration.Sources.Add(other);
                UserSecrets.Follow(builder, File);
                builder.Services.AddSingleton<IOptionsChangeTokenSource<JwtBearerOptions>>(
                    new ConfigurationChangeTokenSource<JwtBearerOptions>(BearerTokens.Scheme, builder.Configuration));
                builder.Services.Configure<JwtBearerOptions>(BearerTokens.Scheme, options =>
                {
                    options.Challenge = builder.Configuration["Secret"]!;
                    if (Interlocked.Exchange(ref entered, null) is { } earlier)
                    {
                        earlier.SetResult();
                        release.Wait(Cancellation);
                    }
                });
            },
            app => app.MapGet(
                "/secret", (IOptionsMonitor<JwtBearerOptions> options) => options.Get(BearerTokens.Scheme).Challenge));
        Assert.Equal("old", await SecretAsync(host));

        var making = entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var change = Task.Run(other.Change, Cancellation);
        await making.Task.WaitAsync(Eventually.Limit, Cancellation);
        try
        {
            Write("""{ "Secret": "new" }""");
            Assert.Equal("new", await SecretAsync(host).WaitAsync(Eventually.Limit, Cancellation));
        }
        finally
        {
            release.Set();
            await change;
        }
    }

    public void Dispose() => _home.Delete(recursive: true);

    // As the framework leaves it where the folder was missing: with a source that is rooted elsewhere.
    private Task<ServiceHost> StartAsync(Action? before = null) => ServiceHost.StartAsync(
        builder =>
        {
            builder.Configuration.AddJsonFile("secrets.json", optional: true, reloadOnChange: true);
            before?.Invoke();
            UserSecrets.Follow(builder, File);
        },
        app => app.MapGet("/secret", () => app.Configuration["Secret"] ?? ""));

    private void Write(string text)
    {
        Directory.CreateDirectory(Folder);
        System.IO.File.WriteAllText(File, text);
    }

    private static Task<string> SecretAsync(ServiceHost host) => host.Client.GetStringAsync("/secret", Cancellation);

    private sealed class OtherSource : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Change() => OnReload();
    }
}
