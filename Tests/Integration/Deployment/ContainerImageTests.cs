using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>
/// The images of the services, as the SDK makes them: on an empty base image from a registry of the test's own, because the real
/// one comes from a registry that not every machine reaches.
/// </summary>
public sealed class ContainerImageTests : IDisposable
{
    private const string BaseImage = "dotnet/aspnet:10.0-noble-chiseled";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("image-");

    [Theory]
    [InlineData("Receiver")]
    [InlineData("Worker")]
    [InlineData("Sender")]
    [InlineData("Console")]
    public async Task The_base_image_has_no_shell(string service)
    {
        var properties = await DotnetAsync(
            "msbuild", service, "-t:ComputeContainerConfig", "-getProperty:ContainerBaseImage,ContainerRepository");

        var names = JsonNode.Parse(properties)!["Properties"]!;
        Assert.EndsWith(BaseImage, (string)names["ContainerBaseImage"]!, StringComparison.Ordinal);
        Assert.Equal($"aspire-webhooks-{service.ToLowerInvariant()}", (string?)names["ContainerRepository"]);
    }

    [Fact]
    public async Task An_image_is_an_archive_that_runs_the_service_as_a_user_that_is_not_root()
    {
        await using var registry = await Registry.StartAsync();
        var archive = Path.Combine(_folder.FullName, "receiver.tar.gz");

        await DotnetAsync(
            "publish", "Receiver", "-c", "Debug", "--no-build", "-nologo", "-t:PublishContainer",
            $"-p:ContainerBaseImage={registry.Host}/{BaseImage}", $"-p:ContainerArchiveOutputPath={archive}",
            $"-p:PublishDir={_folder.FullName}/publish/");

        var files = await ReadAsync(archive);
        var index = JsonNode.Parse(files["index.json"])!["manifests"]![0]!;
        var manifest = JsonNode.Parse(files[BlobOf(index)])!;
        var config = JsonNode.Parse(files[BlobOf(manifest["config"]!)])!["config"]!;
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", (string?)manifest["mediaType"]);
        Assert.Equal("1654", (string?)config["User"]);
        Assert.Equal("/app/", (string?)config["WorkingDir"]);
        Assert.Equal(
            ["dotnet", "/app/Receiver.dll"], config["Entrypoint"]!.AsArray().Select(part => (string)part!), StringComparer.Ordinal);
        Assert.Equal(["8080/tcp"], config["ExposedPorts"]!.AsObject().Select(port => port.Key), StringComparer.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string BlobOf(JsonNode descriptor) =>
        $"blobs/{((string)descriptor["digest"]!).Replace(':', '/')}";

    private static async Task<string> DotnetAsync(string command, params string[] arguments)
    {
        var result = await FinishedProcess.RunAsync(
            command,
            arguments,
            start =>
            {
                start.WorkingDirectory = Repository.Folder;
                start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
            },
            limit: TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        return result.Output;
    }

    private static async Task<Dictionary<string, string>> ReadAsync(string archive)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        // Some SDKs compress the archive by its name, others do not.
        await using var file = File.OpenRead(archive);
        var isCompressed = file.ReadByte() == 0x1f;
        file.Position = 0;
        await using var plain = isCompressed ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        await using var tar = new TarReader(plain);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            // The rest are layers.
            if (entry.DataStream is { Length: < 100_000 } data)
            {
                using var reader = new StreamReader(data);
                files[entry.Name] = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            }
        }

        return files;
    }

    /// <summary>A registry with one image, which has nothing in it but what .NET's images tell the SDK.</summary>
    private sealed class Registry(WebApplication app) : IAsyncDisposable
    {
        private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
        private const string Config = "application/vnd.oci.image.config.v1+json";
        private const string Layer = "application/vnd.oci.image.layer.v1.tar+gzip";

        private readonly Dictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

        // The SDK speaks plain HTTP only to this name.
        public string Host => $"localhost:{new Uri(app.Urls.Single()).Port}";

        public static async Task<Registry> StartAsync()
        {
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var registry = new Registry(app);
            registry.Map();
            await app.StartAsync(TestContext.Current.CancellationToken);
            return registry;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private void Map()
        {
            var tar = new MemoryStream();
            new TarWriter(tar, leaveOpen: true).Dispose();
            var layer = Add(Compressed(tar.ToArray()));
            var config = Add(Encoding.UTF8.GetBytes($$"""
                {"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{Digest(tar.ToArray())}}"]},
                 "config":{"Env":["APP_UID=1654","ASPNETCORE_HTTP_PORTS=8080"]},"history":[{"created_by":"test"}]}
                """));
            var manifest = Encoding.UTF8.GetBytes($$"""
                {"schemaVersion":2,"mediaType":"{{Manifest}}","config":{{Described(Config, config)}},
                 "layers":[{{Described(Layer, layer)}}]}
                """);
            app.MapGet("/v2/", () => Results.Ok());
            app.MapMethods("/v2/{**path}", ["GET", "HEAD"], (HttpResponse response, string path) =>
            {
                var reference = path[(path.LastIndexOf('/') + 1)..];
                var content = path.Contains("/manifests/", StringComparison.Ordinal) ? manifest : _blobs[reference];
                response.Headers["Docker-Content-Digest"] = Digest(content);
                return Results.Bytes(content, content == manifest ? Manifest : "application/octet-stream");
            });
        }

        private string Described(string type, string digest) =>
            $$"""{"mediaType":"{{type}}","digest":"{{digest}}","size":{{_blobs[digest].Length}}}""";

        private string Add(byte[] blob)
        {
            _blobs[Digest(blob)] = blob;
            return Digest(blob);
        }

        private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

        private static byte[] Compressed(byte[] content)
        {
            var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            {
                gzip.Write(content);
            }

            return compressed.ToArray();
        }
    }
}
