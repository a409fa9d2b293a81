using System.Collections.Concurrent;
using Aspire.Webhooks.Tests.Stack;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>The pages in a browser: narrow and wide, dark and light, with scripts and without.</summary>
public sealed class BrowserTests(ConsoleWorld world, Chromium chromium) : IClassFixture<ConsoleWorld>, IClassFixture<Chromium>
{
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("SCREENSHOTS");

    // Run here and not by Deque.AxeCore.Playwright, which opens a page for each run and takes five times as long.
    private static readonly string AxeScript = new BundledAxeScriptProvider().GetScript();

    private const string FindViolations = """
        async () => (await axe.run({ resultTypes: ['violations'] })).violations
            .filter(violation => ['serious', 'critical'].includes(violation.impact))
            .map(violation => `${violation.id}: ${violation.help} ${violation.nodes.map(node => node.html).join(' ')}`)
        """;

    private (string Name, string Path)[] Pages =>
    [
        ("overview", "/"), ("approvals", "/approvals"), ("events", "/events"), ("event", $"/events/{world.EventId}"),
        ("hostile", $"/events/{world.HostileId}"), ("tasks", "/tasks"), ("task", $"/tasks/{world.TaskId}"),
        ("replays", "/replays"), ("replay-new", "/replays/new?all=true&event_type=release"), ("rejections", "/rejections"),
        ("audit", "/audit"), ("sources", "/sources"), ("playbooks", "/playbooks"),
        ("phone-messages", "/phone-messages?live=false"),
        ("endpoints", "/endpoints"), ("endpoint", $"/endpoints/{world.EndpointId}?merchant={ConsoleWorld.Merchant}"),
        ("endpoint-new", $"/endpoints/new?merchant={ConsoleWorld.Merchant}"), ("merchants", "/deliveries"),
        ("deliveries", $"/deliveries?merchant={ConsoleWorld.Merchant}"),
        ("delivery", $"/deliveries/{world.DeliveryId}?merchant={ConsoleWorld.Merchant}"),
        ("event-types", $"/event-types?merchant={ConsoleWorld.Merchant}"), ("sign-in", "/sign-in"),
    ];

    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task Each_page_is_accessible_fits_its_width_and_breaks_no_policy(int width, ColorScheme scheme)
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        var approval = await world.NewApprovalAsync();
        await using var context = await NewContextAsync(width, scheme);
        var (page, reports) = await OpenAsync(context);
        foreach (var (name, path) in Pages.Append(("approval", $"/approvals/{approval.Id}")))
        {
            await page.GotoAsync(path);
            await CheckAsync(page, name, width, scheme);
        }

        Assert.Empty(reports);
    }

    [Fact]
    public async Task The_other_two_of_width_and_colours_are_accessible_as_well()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Dark), (360, ColorScheme.Light) })
        {
            await using var context = await NewContextAsync(width, scheme);
            var (page, reports) = await OpenAsync(context);
            foreach (var (name, path) in Pages.Where(page => page.Name is "overview" or "event" or "endpoint"))
            {
                await page.GotoAsync(path);
                await CheckAsync(page, name, width, scheme);
            }

            Assert.Empty(reports);
        }
    }

    [Fact]
    public async Task Each_page_can_be_read_without_scripts()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(1440, ColorScheme.Light, scripts: false);
        var page = await context.NewPageAsync();
        await page.GotoAsync(ConsoleWorld.Link);
        foreach (var (name, path) in Pages)
        {
            await page.GotoAsync(path);
            Assert.True(await page.Locator("h1").IsVisibleAsync(), name);
            Assert.Equal(0, await page.Locator("[data-copy]:visible").CountAsync());
        }

        await page.GotoAsync("/events");
        await page.Locator("tbody tr", new() { HasText = "release" }).Locator("a").First.ClickAsync();
        Assert.Contains("zebra", await page.Locator("pre").First.InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_approval_is_opened_and_granted_in_two_clicks_with_its_arguments_in_view()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        var approval = await world.NewApprovalAsync();
        await using var context = await NewContextAsync(1440, ColorScheme.Light);
        var (page, reports) = await OpenAsync(context);
        await page.GotoAsync("/approvals");

        await page.Locator($"a[href='/approvals/{approval.Id}']").ClickAsync();
        Assert.Contains("Look at this", await page.Locator("pre").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "Grant this call, once" }).ClickAsync();

        await page.GetByText("Granted.").WaitForAsync();
        await Tables.FinishedJobAsync(world.Database, approval.TaskId);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task Keys_move_through_rows_filter_refresh_and_explain_themselves()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(1440, ColorScheme.Light);
        var (page, reports) = await OpenAsync(context);
        await page.GotoAsync("/events");
        var rows = await page.Locator("[data-row]").CountAsync();

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        Assert.Equal(1, await FocusedRowAsync(page));
        await page.Keyboard.PressAsync("k");
        Assert.Equal(0, await FocusedRowAsync(page));
        await page.Keyboard.PressAsync("/");
        Assert.Equal("source", await page.EvaluateAsync<string>("document.activeElement.name"));
        await page.Keyboard.TypeAsync("jk?");
        Assert.Equal("jk?", await page.Locator("[name=source]").InputValueAsync());
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await page.Locator("#keys").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        var loaded = page.WaitForResponseAsync(answer => answer.Url.EndsWith("/events", StringComparison.Ordinal));
        await page.Keyboard.PressAsync("r");
        await loaded;
        await page.Locator("[data-row]").Nth(rows - 1).WaitForAsync();

        Assert.Equal(rows, await page.Locator("[data-row]").CountAsync());
        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_followed_page_shows_what_arrives_and_waits_while_somebody_writes()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(1440, ColorScheme.Light);
        var (page, reports) = await OpenAsync(context);
        await page.Clock.InstallAsync();
        await page.GotoAsync("/events?event_type=followed");
        await page.GetByRole(AriaRole.Link, new() { Name = "Follow" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Pause" }).WaitForAsync();
        await Tables.AddEventAsync(world.Database, "{}", "followed");

        await page.Locator("[name=source]").FocusAsync();
        await page.EvaluateAsync("window.isSamePage = true");
        await page.Clock.FastForwardAsync(6_000);
        Assert.True(await page.EvaluateAsync<bool>("window.isSamePage === true"));
        await page.Locator("[name=source]").BlurAsync();
        await page.Clock.FastForwardAsync(6_000);
        await page.Locator("[data-row]").WaitForAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Pause" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Follow" }).WaitForAsync();
        Assert.Equal(1, await page.GetByRole(AriaRole.Link, new() { Name = "Follow" }).CountAsync());
        Assert.Empty(reports);
    }

    [Fact]
    public async Task The_portal_is_accessible_and_shows_one_merchant()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(360, ColorScheme.Light);
        var (page, reports) = await OpenAsync(context, await world.NewPortalLinkAsync());
        foreach (var (name, path) in new[]
        {
            ("portal-endpoints", "/portal/endpoints"), ("portal-endpoint", $"/portal/endpoints/{world.EndpointId}"),
            ("portal-deliveries", "/portal/deliveries"), ("portal-delivery", $"/portal/deliveries/{world.DeliveryId}"),
            ("portal-event-types", "/portal/event-types"),
        })
        {
            await page.GotoAsync(path);
            await CheckAsync(page, name, 360, ColorScheme.Light);
        }

        Assert.Empty(reports);
    }

    [Fact]
    public async Task A_violation_of_the_policy_would_be_seen()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(1440, ColorScheme.Light);
        var (page, reports) = await OpenAsync(context);

        await page.EvaluateAsync("document.body.insertAdjacentHTML('beforeend', '<img src=\"https://evil.example/x.png\">')");

        await Eventually.HoldsAsync("the violation is reported", () => Task.FromResult(!reports.IsEmpty));
    }

    [Fact]
    public async Task A_page_that_is_not_accessible_would_be_seen()
    {
        Assert.SkipUnless(Chromium.Available, Chromium.Reason);
        await using var context = await NewContextAsync(1440, ColorScheme.Light);
        var (page, _) = await OpenAsync(context);

        await page.EvaluateAsync("document.body.insertAdjacentHTML('beforeend', '<button></button>')");

        Assert.Contains("button-name", Assert.Single(await ViolationsAsync(page)), StringComparison.Ordinal);
    }

    private static Task<int> FocusedRowAsync(IPage page) => page.EvaluateAsync<int>(
        "[...document.querySelectorAll('[data-row]')].indexOf(document.activeElement.closest('[data-row]'))");

    private static async Task CheckAsync(IPage page, string name, int width, ColorScheme scheme)
    {
        if (Screenshots is not null)
        {
            var file = Path.Combine(Screenshots, $"{name}-{width}-{scheme}.png".ToLowerInvariant());
            await page.ScreenshotAsync(new() { Path = file, FullPage = true });
        }

        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.True(overflow <= 0, $"{name} is {overflow} pixels wider than {width}.");
        var violations = await ViolationsAsync(page);
        Assert.True(violations.Length == 0, $"{name} at {width}, {scheme}: {string.Join('\n', violations)}");
    }

    private static async Task<string[]> ViolationsAsync(IPage page)
    {
        await page.EvaluateAsync(AxeScript);
        return await page.EvaluateAsync<string[]>(FindViolations);
    }

    private static async Task<(IPage Page, ConcurrentQueue<string> Reports)> OpenAsync(
        IBrowserContext context, string link = "")
    {
        var reports = new ConcurrentQueue<string>();
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => reports.Enqueue(error);
        page.Dialog += (_, dialog) => reports.Enqueue($"A dialog says {dialog.Message}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                reports.Enqueue($"{message.Text} at {page.Url}");
            }
        };
        await page.GotoAsync(link.Length > 0 ? link : ConsoleWorld.Link);
        return (page, reports);
    }

    private Task<IBrowserContext> NewContextAsync(int width, ColorScheme scheme, bool scripts = true) =>
        chromium.Browser.NewContextAsync(new()
        {
            BaseURL = world.Address.AbsoluteUri,
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = scripts,
            ReducedMotion = ReducedMotion.Reduce,
        });
}
