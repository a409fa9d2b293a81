using System.Text;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>Sources in two files, of which one is changed while the service runs.</summary>
public sealed class ConfigurationFileTests : IDisposable
{
    private const string Shop = """{"Webhooks":{"Sources":{"shop":{"Scheme":"provider"}}},"WEBHOOK_SECRET_SHOP":"secret-of-the-shop"}""";
    private const string GitHub = """{"Webhooks":{"Sources":{"github":{"Scheme":"github"}}},"WEBHOOK_SECRET_GITHUB":"secret-of-github"}""";

    private readonly ChangingFile _shop = new(Shop);
    private readonly ChangingFile _github = new(GitHub);
    private readonly RecordedLog _log = new();

    [Theory]
    [InlineData("{\"Webhooks\":{\"Sources\":{\"shop\":{\"Sch")]
    [InlineData("")]
    [InlineData("{} {}")]
    public void What_a_half_written_file_said_stays_in_force_until_it_is_whole(string half)
    {
        using var catalog = NewCatalog();

        _shop.Change(half);
        Assert.Contains("shop.json", Assert.Single(_log.Of(2001)).Text, StringComparison.Ordinal);
        _github.Change(GitHub.Replace("\"github\"}", "\"github\",\"MaxBodyBytes\":17}", StringComparison.Ordinal));

        Assert.NotNull(catalog.Find("shop"));
        Assert.NotEqual(17, catalog.Find("github")!.MaxBodyBytes);

        _shop.Change(Shop);
        Assert.NotNull(catalog.Find("shop"));
        Assert.Equal(17, catalog.Find("github")!.MaxBodyBytes);
    }

    [Fact]
    public void A_file_that_says_nothing_any_more_takes_effect()
    {
        using var catalog = NewCatalog();

        _shop.Change("{ /* nothing */ }");

        Assert.Null(catalog.Find("shop"));
        Assert.NotNull(catalog.Find("github"));
    }

    [Fact]
    public void A_change_that_leaves_no_source_is_refused()
    {
        using var catalog = NewCatalog();

        _shop.Change("{}");
        _github.Change("{}");

        Assert.NotNull(catalog.Find("github"));
        Assert.Contains("The configuration has no sources any more", Assert.Single(_log.Of(2001)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_without_any_source_is_warned_of()
    {
        _shop.Change("{}");
        _github.Change("{}");
        using var catalog = NewCatalog();

        Assert.Equal(LogLevel.Warning, Assert.Single(_log.Of(2005)).Level);
    }

    public void Dispose() => _log.Dispose();

    private SourceCatalog NewCatalog()
    {
        var configuration = new ConfigurationManager();
        foreach (var (file, path) in new[] { (_shop, "shop.json"), (_github, "github.json") })
        {
            ((IConfigurationBuilder)configuration)
                .Add(new JsonConfigurationSource { FileProvider = file, Path = path, ReloadOnChange = true, ReloadDelay = 0 });
        }

        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_log));
        return new(
            configuration, new HostingEnvironment { EnvironmentName = "Production" }, TimeProvider.System,
            factory.CreateLogger<SourceCatalog>());
    }

    /// <summary>A file that tells of its changes at once.</summary>
    private sealed class ChangingFile(string text) : IFileProvider, IFileInfo
    {
        private CancellationTokenSource _changed = new();
        private string _text = text;

        public bool Exists => true;
        public bool IsDirectory => false;
        public DateTimeOffset LastModified => default;
        public long Length => Encoding.UTF8.GetByteCount(_text);
        public string Name => "file";
        public string? PhysicalPath => null;

        public void Change(string text)
        {
            _text = text;
            using var before = Interlocked.Exchange(ref _changed, new());
            try
            {
                before.Cancel();
            }
            catch (AggregateException)
            {
                // Where a real file is watched, nobody sees that it could not be read.
            }
        }

        public Stream CreateReadStream() => new MemoryStream(Encoding.UTF8.GetBytes(_text));
        public IFileInfo GetFileInfo(string subpath) => this;
        public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;
        public IChangeToken Watch(string filter) => new CancellationChangeToken(_changed.Token);
    }
}
