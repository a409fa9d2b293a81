using Microsoft.Playwright;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>Debian's Chromium, driven by Playwright. One for the tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    public const string Reason = "Chromium is missing (./test.sh installs it where it can)";

    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;

    private static string? Program => Array.Find(Programs, File.Exists);

    public static bool Available => Program is not null;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Available)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            // Root has no sandbox. Nothing but the Console is opened.
            ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
