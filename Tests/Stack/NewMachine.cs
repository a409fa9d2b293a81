using System.Diagnostics;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>
/// A machine on which nobody has made a token yet: a home with nothing in it, and a copy of the files of the projects that
/// <c>dotnet user-jwts</c> reads and writes.
/// </summary>
public sealed class NewMachine : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("machine-");

    public NewMachine()
    {
        _root.CreateSubdirectory("home");
        foreach (var file in ProjectNames.SelectMany(FilesOf))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
            File.Copy(Path.Combine(Repository.Folder, file), PathOf(file));
        }
    }

    public static IReadOnlyList<string> ProjectNames { get; } = ["Receiver", "Worker", "Sender"];

    /// <summary>The file that user-jwts rewrites.</summary>
    public static string SettingsOf(string project) => Path.Combine(project, "appsettings.Development.json");

    /// <summary>What a service is started with to be one of this machine's.</summary>
    public (string Key, string Value)[] EnvironmentOf(string project) =>
        [("HOME", PathOf("home")), ("ASPNETCORE_CONTENTROOT", PathOf(project))];

    public string PathOf(string file) => Path.Combine(_root.FullName, file);

    /// <summary>A token of the project that opens a route of each service.</summary>
    public Task<string> CreateTokenAsync(string project, params string[] options) => UserJwtsAsync(
        project,
        ["create", "--scope", "events:read", "--scope", "webhooks:read", "--claim", "merchant_id=m", "-o", "token", .. options]);

    /// <summary>What <c>dotnet user-jwts</c> writes.</summary>
    public async Task<string> UserJwtsAsync(string project, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["user-jwts", .. arguments, "--project", PathOf(project)])
        {
            WorkingDirectory = _root.FullName,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = PathOf("home");
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0
            ? (await output).Trim()
            : throw new InvalidOperationException($"{await output} {await errors}");
    }

    public void Dispose() => _root.Delete(recursive: true);

    private static string[] FilesOf(string project) =>
    [
        Path.Combine(project, $"{project}.csproj"), Path.Combine(project, "Properties", "launchSettings.json"),
        Path.Combine(project, "appsettings.json"), SettingsOf(project),
    ];
}
