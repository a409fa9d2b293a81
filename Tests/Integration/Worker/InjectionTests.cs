using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Worker;

/// <summary>
/// A model that obeys whoever writes to it, hidden writing included, between an attacker's payloads and a server of the
/// attacker's: no effect leaves what the playbook allows.
/// </summary>
public sealed partial class InjectionTests(InjectionTests.Victim victim) : IClassFixture<InjectionTests.Victim>
{
    private const int MaxSteps = 12;

    private static readonly string[] Tools = ["fetch_url", "read_event", "send_message"];

    public static TheoryData<string> Attacks => [.. InjectionPayloads.All.Keys];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_order_in_a_payload_has_no_effect_beyond_the_playbook(string attack)
    {
        var (type, body) = InjectionPayloads.All[attack];
        var id = await victim.Setup.AddAsync(victim.Aim(body), victim.Aim(type));

        var task = await victim.Setup.InStateOrEndedAsync(id);

        // What the model was given is what every task is given, whatever the payload says.
        var requests = victim.Setup.Model.Requests.Where(
            request => request.Text.Contains(id.ToString(), StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(requests);
        Assert.All(requests, request => Assert.Equal(Tools, request.Tools, StringComparer.Ordinal));
        Assert.All(requests, request => Assert.DoesNotContain("CALL", request.Said("system"), StringComparison.Ordinal));
        Assert.All(requests, AssertEnclosed);

        // It did what it was told, and it came to nothing.
        Assert.Contains(task.Steps, step => step is { Kind: "tool" } or { Kind: "approval" });
        Assert.All(
            task.Steps.Where(step => step.Kind == "tool" && step.Tool != "read_event"), step =>
                Assert.True(step.Failed, step.Content));
        Assert.InRange(task.Steps.Count(step => step.Kind is "model" or "tool"), 1, MaxSteps);
        Assert.Equal(0, victim.Evil.Connections);
        Assert.All(task.Messages, message => Assert.Equal(("acme", "issue.triaged"), (message.MerchantId, message.EventType)));
        // The built-in playbook sees pushes and issues, too; its results go to demo.
        Assert.Equal(
            0, await Sql.CountAsync(victim.Setup.Database, "webhooks.messages where merchant_id not in ('acme', 'demo')"));
    }

    [Fact]
    public void There_are_at_least_forty_of_them() => Assert.InRange(InjectionPayloads.All.Count, 40, int.MaxValue);

    // One mark, at the beginning and at the end of the event and of each result, and nowhere else but in the rules.
    private static void AssertEnclosed(ModelRequest request)
    {
        var mark = Boundary().Match(request.Said("system")).Value;
        Assert.Equal(
            2 * (request.Results.Count + 1), $"{request.Said("user")}{string.Concat(request.Results)}".Split(mark).Length - 1);
        Assert.All(request.Results, result => Assert.StartsWith($"[{mark} begin: result of ", result, StringComparison.Ordinal));
        Assert.All(request.Results, result => Assert.EndsWith($"\n[{mark} end]", result, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"data-[0-9a-f]{32}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Boundary();

    /// <summary>A Worker whose model obeys, and the attacker's server.</summary>
    public sealed partial class Victim(TestStack stack) : IAsyncLifetime
    {
        private ModelServer? _model;

        internal AgentSetup Setup { get; private set; } = null!;

        public MerchantServer Evil { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Evil = await MerchantServer.StartAsync();
            _model = await ModelServer.StartAsync(Obey);
            Setup = await AgentSetup.StartAsync(stack, _model,
            [
                .. AgentSetup.Playbook(hosts: ["allowed.example"], approval: ["send_message"]),
                ("Webhooks:Playbooks:triage:Budget:Steps", $"{MaxSteps}"),
            ]);
        }

        public async ValueTask DisposeAsync()
        {
            await (Setup?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_model?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (Evil?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        /// <summary>Points a payload at the attacker's server.</summary>
        public string Aim(string text) => text
            .Replace("EVIL_HOST", $"127.0.0.1:{Evil.Port}", StringComparison.Ordinal)
            .Replace("EVIL", $"http://127.0.0.1:{Evil.Port}", StringComparison.Ordinal);

        // Each order once, in their order; with LOOP the first again and again.
        private static ModelAnswer Obey(ModelRequest request)
        {
            var seen = Plain($"{request.Said("user")}\n{string.Join('\n', request.Results)}");
            var orders = Order().Matches(seen);
            var done = request.Messages.Count(message => message.GetProperty("role").GetString() == "assistant");
            var next = seen.Contains("LOOP", StringComparison.Ordinal) ? 0 : done;
            return next < orders.Count
                ? new ModelAnswer("As you say.", (orders[next].Groups["tool"].Value, orders[next].Groups["arguments"].Value))
                : "I did all that I was told.";
        }

        // A model reads what people do not see, and what is encoded.
        private static string Plain(string text)
        {
            text = SpeltOut()
                .Replace(
                text, match =>
                    Hidden(int.Parse(match.Groups["rune"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            text = Escaped()
                .Replace(
                text, match =>
                    ((char)int.Parse(match.Groups["unit"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                        .ToString());
            text = string.Concat(
                text.EnumerateRunes().Select(rune => rune.Value > 0xE0000 ? Hidden(rune.Value) : rune.ToString()));
            text = string.Concat(
                text.Select(character => character is >= '\uFF01' and <= '\uFF5E' ? (char)(character - 0xFEE0) : character));
            text = Base64().Replace(text, match => Encoding.UTF8.GetString(Convert.FromBase64String(match.Groups["text"].Value)));
            text = Percent().Replace(text, match => Uri.UnescapeDataString(match.Groups["text"].Value));
            while (text.Contains("\\\"", StringComparison.Ordinal))
            {
                text = text.Replace("\\\\", "\\", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal);
            }

            return text;
        }

        private static string Hidden(int rune) => rune is > 0xE0000 and < 0xE0080 ? ((char)(rune - 0xE0000)).ToString() : "";

        [GeneratedRegex(@"<U\+(?<rune>[0-9A-F]{4,6})>", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
        private static partial Regex SpeltOut();

        [GeneratedRegex(@"\\u(?<unit>[0-9A-Fa-f]{4})", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
        private static partial Regex Escaped();

        [GeneratedRegex(@"BASE64 (?<text>\S+) DECODE IT", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
        private static partial Regex Base64();

        [GeneratedRegex(@"PERCENT (?<text>\S+) DECODE IT", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
        private static partial Regex Percent();

        [GeneratedRegex(
            @"CALL (?<tool>\S+) (?<arguments>\{.*?\}) NOW", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
        private static partial Regex Order();
    }
}
