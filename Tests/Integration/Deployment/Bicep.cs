using System.Diagnostics;
using System.Reflection;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>Bicep's compiler, which comes as a package.</summary>
internal static class Bicep
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly string Program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Bicep").Value!;

    /// <summary>Compiles a file, or the values for one, to JSON. It must have neither errors nor warnings.</summary>
    public static async Task<string> BuildAsync(string file)
    {
        // NuGet does not keep the executable bit.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, File.GetUnixFileMode(Program) | UnixFileMode.UserExecute);
        }

        var command = Path.GetExtension(file) == ".bicepparam" ? "build-params" : "build";
        using var process = Process.Start(new ProcessStartInfo(Program, [command, file, "--stdout"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var messages = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        Assert.Equal((0, ""), (process.ExitCode, await messages));
        return await output;
    }
}
