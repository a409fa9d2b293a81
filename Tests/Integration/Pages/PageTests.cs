using System.Net;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Pages;

/// <summary>The pages as a client without scripts gets them: their HTML, their headers, their forms.</summary>
[Collection(SharedConsole.Name)]
public sealed partial class PageTests(ConsoleWorld world)
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string[] Pages =>
    [
        "/", "/approvals", "/events", $"/events/{world.EventId}", $"/events/{world.HostileId}", "/tasks",
        $"/tasks/{world.TaskId}", "/replays", "/replays/new?all=true&state=buried", "/rejections", "/sources", "/playbooks",
        "/phone-messages", "/audit", "/endpoints",
        $"/endpoints/{world.EndpointId}?merchant={ConsoleWorld.Merchant}", $"/endpoints/new?merchant={ConsoleWorld.Merchant}",
        "/deliveries", $"/deliveries?merchant={ConsoleWorld.Merchant}",
        $"/deliveries/{world.DeliveryId}?merchant={ConsoleWorld.Merchant}",
        $"/event-types?merchant={ConsoleWorld.Merchant}", "/sign-in", "/not-there",
    ];

    [Fact]
    public async Task Each_page_has_the_policy_and_nothing_that_it_would_refuse()
    {
        using var client = await world.SignedInAsync();
        foreach (var path in Pages)
        {
            using var answer = await client.GetAsync(path, Cancellation);
            var html = await answer.Content.ReadAsStringAsync(Cancellation);

            var expected = path == "/not-there" ? HttpStatusCode.NotFound : HttpStatusCode.OK;
            Assert.True(answer.StatusCode == expected, $"{path}: {html}");
            Assert.Equal(Policy, Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.True(answer.Headers.CacheControl?.NoStore, path);
            Assert.Empty(Inline().Matches(Value().Replace(html, "\"\"")).Select(match => $"{path}: {match.Value}"));
            Assert.DoesNotContain(ConsoleWorld.Stranger, html, StringComparison.Ordinal);
            Assert.DoesNotContain('\u202e', html);
            Assert.DoesNotContain("class=\"notice bad\"", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_session_each_page_leads_to_the_sign_in()
    {
        using var client = world.NewClient(follow: false);
        foreach (var path in Pages.Except(["/sign-in", "/not-there"], StringComparer.Ordinal))
        {
            using var answer = await client.GetAsync(path, Cancellation);

            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.StartsWith("/sign-in/start?returnUrl=", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_of_another_run_signs_nobody_in()
    {
        using var client = world.NewClient();

        using var refused = await client.GetAsync("/sign-in/link?token=another", Cancellation);

        Assert.Contains(
            "This link is not of this run.", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var page = await world.NewClient(follow: false).GetAsync("/events", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Fact]
    public async Task The_sign_in_link_answers_to_names_of_this_machine_alone()
    {
        using var client = world.NewClient(follow: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, ConsoleWorld.Link);
        request.Headers.Host = "evil.example";

        using var answer = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_leads_back_to_the_page_and_never_to_another_site()
    {
        using var client = world.NewClient();
        using (world.Issuer.Give(OperatorToken.Read))
        {
            using var page = await client.GetAsync("/tasks?state=buried", Cancellation);
            Assert.Equal("/tasks?state=buried", page.RequestMessage!.RequestUri!.PathAndQuery);

            foreach (var elsewhere in (string[])[
                "https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"])
            {
                using var other = await world.NewClient().GetAsync(
                    $"/sign-in/start?returnUrl={Uri.EscapeDataString(elsewhere)}", Cancellation);
                Assert.Equal(world.Address, new Uri(other.RequestMessage!.RequestUri!, "/"));
            }
        }
    }

    [Fact]
    public async Task The_browser_gets_no_token()
    {
        using var client = world.NewClient(follow: false);
        var token = OperatorToken.Read;
        using var followed = await world.SignedInAsync(token);

        using var page = await followed.GetAsync("/events", Cancellation);
        using var link = await client.GetAsync(ConsoleWorld.Link, Cancellation);

        Assert.DoesNotContain(token, await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var cookie = Assert.Single(link.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.True(cookie.Length < 600, cookie);
    }

    [Fact]
    public async Task A_reader_sees_no_buttons_and_may_not_write_behind_them()
    {
        using var client = await world.SignedInAsync(OperatorToken.Read);

        var page = await client.GetStringAsync($"/events/{world.EventId}", Cancellation);
        var list = await client.GetStringAsync("/events", Cancellation);
        var nav = Nav().Match(list).Value;

        Assert.DoesNotContain("Replay this event", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Replay the selected", list, StringComparison.Ordinal);
        Assert.Contains("/tasks", nav, StringComparison.Ordinal);
        Assert.DoesNotContain("/approvals", nav, StringComparison.Ordinal);
        Assert.DoesNotContain("/endpoints", nav, StringComparison.Ordinal);
        using var refused = await PageForm.Of(list, "/sign-out").PostAsync(
            client, $"/events/{world.EventId}", ("_handler", "replay"), ("Reason", "because"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_changes_nothing()
    {
        using var client = await world.SignedInAsync();
        using var content = new FormUrlEncodedContent([new("_handler", "replay"), new("Reason", "forged")]);

        using var answer = await client.PostAsync($"/events/{world.EventId}", content, Cancellation);

        Assert.Equal("/outdated-form", answer.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains(
            "This form is out of date", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(0, await Sql.CountAsync(world.Database, "webhooks.replays where reason = 'forged'"));
    }

    // The policy forbids a form to be redirected to the issuer.
    [Fact]
    public async Task A_form_without_a_session_leads_to_a_page_of_our_own()
    {
        using var client = world.NewClient(follow: false);
        using var content = new FormUrlEncodedContent([new("_handler", "replay"), new("Reason", "late")]);

        using var answer = await client.PostAsync($"/events/{world.EventId}", content, Cancellation);
        var page = await client.GetStringAsync(answer.Headers.Location, Cancellation);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in?ended=true", answer.Headers.Location!.OriginalString);
        Assert.Contains("Your session has ended", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_that_fails_at_the_issuer_can_be_tried_again()
    {
        using var client = world.NewClient();

        using var answer = await client.GetAsync("/signin-oidc?error=access_denied&state=unknown", Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(
            "The sign-in did not succeed.", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_portal_link_with_a_token_that_somebody_made_up_shows_nothing()
    {
        using var client = world.NewClient();

        var page = await client.GetStringAsync("/portal/link?token=portal_made-up", Cancellation);

        Assert.Contains("Your session has ended.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-row", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Production_cookies_need_HTTPS_and_the_portal_is_embedded_where_it_is_configured()
    {
        await using var console = ServiceProcess.Console(
            ("ASPNETCORE_ENVIRONMENT", "Production"), ("Webhooks__Portal__FrameAncestors__0", "https://app.example"),
            ("Webhooks__Proxies__Networks__0", "127.0.0.1"), ("services__sender__http__0", "http://127.0.0.1:1"));
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = await console.AddressAsync(), DefaultRequestHeaders = { { "X-Forwarded-Proto", "https" } },
        };

        using var link = await client.GetAsync("/portal/link?token=portal_x", Cancellation);
        var session = Assert.Single(link.Headers.GetValues("Set-Cookie"));
        client.DefaultRequestHeaders.Add("Cookie", session.Split(';')[0]);
        using var page = await client.GetAsync("/portal/endpoints/new", Cancellation);
        using var signIn = await client.GetAsync("/sign-in", Cancellation);

        Assert.All(
            [session, Assert.Single(page.Headers.GetValues("Set-Cookie"))],
            cookie => Assert.Contains(
                "; secure; samesite=none; httponly; Partitioned", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("frame-ancestors https://app.example;", Assert.Single(page.Headers.GetValues("Content-Security-Policy")));
        Assert.False(page.Headers.Contains("X-Frame-Options"));
        Assert.Equal(Policy, Assert.Single(signIn.Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public async Task What_was_sent_keeps_its_order_and_its_digits()
    {
        using var client = await world.SignedInAsync();

        var html = await client.GetStringAsync($"/events/{world.EventId}", Cancellation);
        var text = WebUtility.HtmlDecode(Tag().Replace(Pre().Match(html).Value, ""));

        Assert.Equal(
            """
            {
              "zebra": 1,
              "amount": 123456789012345678901234567890.10,
              "apple": {
                "b": [
                  1,
                  2,
                  {
                    "c": null
                  }
                ],
                "a": true
              },
              "text": "Grüße"
            }
            """.ReplaceLineEndings("\n"),
            text.Trim());
        Assert.Contains("http://localhost:18888/traces/detail/0af7651916cd43dd8448eb211c80319c", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "text")]
    [InlineData("deep", "deep")]
    [InlineData("line", "line")]
    [InlineData("utf8", "utf8")]
    public async Task What_a_stranger_wrote_is_shown_and_does_nothing(string what, string type)
    {
        var body = what switch
        {
            "deep" => Encoding(new string('[', 1000) + new string(']', 1000)),
            "line" => Encoding($"\"{new string('y', 1024 * 1024)}\""),
            "utf8" => [.. "{\"a\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8],
            _ => Encoding(what),
        };
        var id = await Tables.AddEventAsync(world.Database, "{}", type);
        await Sql.ExecuteAsync(
            world.Database, $"update webhooks.inbound_events set body = '\\x{Convert.ToHexString(body)}' where id = '{id}'");
        using var client = await world.SignedInAsync();

        using var answer = await client.GetAsync($"/events/{id}", Cancellation);
        var html = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(html.Length < 200_000, $"{html.Length} characters");
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.Contains(
            what switch
            {
                "deep" => "[[[[[[[[",
                "line" => "Show all of it",
                "utf8" => "It is not text in UTF-8",
                _ => "&lt;script&gt;alert(1)&lt;/script&gt;",
            },
            html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Characters_that_change_the_order_are_spelt_out()
    {
        using var client = await world.SignedInAsync();

        var html = await client.GetStringAsync($"/events/{world.HostileId}", Cancellation);

        Assert.Contains("pay &lt;U&#x2B;202E&gt;001 to", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1h", 60)]
    [InlineData("1d", 24)]
    [InlineData("7d", 168)]
    public async Task The_overview_draws_what_happened_and_says_it_in_words_and_numbers(string within, int buckets)
    {
        using var client = await world.SignedInAsync();

        var html = await client.GetStringAsync($"/?within={within}", Cancellation);
        var charts = Charts().Matches(html);

        Assert.Equal(6, charts.Count);
        Assert.All(charts, chart => Assert.Equal($"{buckets * 4}", chart.Groups["width"].Value));
        Assert.Contains(charts, chart => Received().IsMatch(chart.Groups["label"].Value));
        Assert.Contains(charts, chart => Attempts().IsMatch(chart.Groups["label"].Value));
        Assert.Matches("<rect x=\"[0-9]+\" y=\"[0-9.]+\" width=\"3\" height=\"[0-9.]+\" class=\"busy\"", html);
        Assert.Matches("<polyline points=\"[0-9]+,[0-9.]+ ", html);
        Assert.Matches("<td data-label=\"received\">[1-9]", html);
        Assert.Contains("Oldest due job", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_shows_the_attempts_of_a_week()
    {
        using var client = await world.SignedInAsync();

        var html = await client.GetStringAsync(
            $"/endpoints/{world.EndpointId}?merchant={ConsoleWorld.Merchant}", Cancellation);

        Assert.Contains("attempts arrived", html, StringComparison.Ordinal);
        Assert.Contains(Charts().Matches(html), chart => Attempts().IsMatch(chart.Groups["label"].Value));
    }

    [Fact]
    public async Task Files_are_kept_and_pages_are_not()
    {
        using var client = await world.SignedInAsync();
        var html = await client.GetStringAsync("/", Cancellation);
        foreach (var path in Files().Matches(html).Select(match => match.Groups["path"].Value))
        {
            using var file = await client.GetAsync(path, Cancellation);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.Contains("immutable", file.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }

        var style = new FileInfo(Path.Combine(Repository.Folder, "Console", "wwwroot", "console.css"));
        Assert.True(style.Length < 20_000, $"{style.Length} bytes");
    }

    [Fact]
    public async Task A_service_that_is_away_is_named()
    {
        await using var console = ServiceProcess.Console(
            ("services__receiver__http__0", "http://127.0.0.1:1"), ("Webhooks__Console__SignInToken", "t"),
            ("Authentication__Schemes__Bearer__SigningKeys__console__Issuer", "tests"),
            ("Authentication__Schemes__Bearer__SigningKeys__console__Value", Convert.ToBase64String(new byte[32])),
            ("Authentication__Schemes__Bearer__ValidAudiences__console", "tests"));
        using var client = new HttpClient { BaseAddress = await console.AddressAsync() };

        using var page = await client.GetAsync("/sign-in/link?token=t", Cancellation);
        var events = await client.GetStringAsync("/rejections", Cancellation);

        Assert.Contains("The Receiver cannot be reached.", events, StringComparison.Ordinal);
    }

    private static byte[] Encoding(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    [GeneratedRegex(
        @"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(style|on[a-z]+)=",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Inline();

    // What is in quotes is text.
    [GeneratedRegex("\"[^\"]*\"", RegexOptions.None, 1000)]
    private static partial Regex Value();

    [GeneratedRegex("<nav class=\"side\".*?</nav>", RegexOptions.Singleline, 1000)]
    private static partial Regex Nav();

    [GeneratedRegex("<pre[^>]*>.*?</pre>", RegexOptions.Singleline, 1000)]
    private static partial Regex Pre();

    [GeneratedRegex("<[^>]+>", RegexOptions.None, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(
        "<svg viewBox=\"0 0 (?<width>[0-9]+) 60\" [^>]*role=\"img\" aria-label=\"(?<label>[^\"]+)\"",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Charts();

    [GeneratedRegex("^Events in: [1-9][0-9,]* received[.]$", RegexOptions.NonBacktracking)]
    private static partial Regex Received();

    [GeneratedRegex("^Attempts: [1-9][0-9,]* delivered, [0-9,]+ failed[.]$", RegexOptions.NonBacktracking)]
    private static partial Regex Attempts();

    [GeneratedRegex("(href|src)=\"(?<path>/console[^\"]+|/icon[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Files();
}
