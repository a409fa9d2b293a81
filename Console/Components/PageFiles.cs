using System.Security.Cryptography;

namespace Aspire.Webhooks.Console.Components;

/// <summary>The URLs of our files. Each has a hash of its content, so that a new version has a new URL.</summary>
public sealed class PageFiles(IWebHostEnvironment environment)
{
    public string Style { get; } = Versioned(environment, "console.css");

    public string Script { get; } = Versioned(environment, "console.js");

    public string Icon { get; } = Versioned(environment, "icon.svg");

    private static string Versioned(IWebHostEnvironment environment, string name)
    {
        using var file = environment.WebRootFileProvider.GetFileInfo(name).CreateReadStream();
        return $"/{name}?v={Convert.ToHexStringLower(SHA256.HashData(file))[..12]}";
    }
}
