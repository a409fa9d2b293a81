using System.Globalization;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class RulesAgentTests
{
    private static readonly string[] Types = ["push", "issues", "release", ""];

    private static readonly string[] Shapes =
    [
        "[{0}]", "{{\"ref\":{0},\"after\":{0},\"compare\":{0},\"pusher\":{0},\"sender\":{{\"login\":{0}}},\"repository\":{0}}}",
        "{{\"commits\":{0}}}", "{{\"commits\":[{0},{{\"id\":{0},\"message\":{0},\"added\":{0}}}]}}",
        "{{\"action\":{0},\"issue\":{0}}}", "{{\"issue\":{{\"number\":{0},\"title\":{0},\"labels\":[{0},{{\"name\":{0}}}]}}}}",
        "{{\"re\\ud800\":1,\"\\ud800\":{0},\"comm\\ud800\":2}}",
    ];

    private static readonly string[] Fragments =
    [
        "null", "true", "7", "-0.0e-7", "1" + new string('0', 100_000), "\"\"", "\"text\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"a\\u0000b\"", "\"\\r\\n\"", "[]", "[[[]]]", "[null,1,\"x\",{}]", "{}", "{\"\\ud800\":1}", "{\"a\\u0000\":1}",
        "{\"\":{\"\":[]}}", "{\"ref\":\"a\",\"ref\":[]}", "\"" + new string('a', 199) + "😀\"",
        "\"" + new string('é', 1 << 19) + "\"",
    ];

    public static TheoryData<string, string> TypesAndShapes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var type in Types)
            {
                foreach (var shape in Shapes.Append("{0}"))
                {
                    data.Add(type, shape);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndShapes))]
    public void A_payload_of_any_shape_gives_a_result_that_can_be_stored_and_published(string type, string shape) => Assert.All(
        Fragments, fragment => AssertResult(type, string.Format(CultureInfo.InvariantCulture, shape, fragment)));

    [Theory]
    [InlineData("push")]
    [InlineData("issues")]
    [InlineData("release")]
    public void A_payload_deep_wide_or_broken_gives_a_result(string type)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"commits\":[", 5_000));
        var wide =
            $"{{\"commits\":[{string.Join(',', Enumerable.Repeat("{\"id\":\"0123456789\",\"message\":\"m\"}", 30_000))}]}}";

        Assert.All([deep, wide, "{", "nul", "'", "{\"a\":1}{\"a\":1}", "/**/{}"], payload => AssertResult(type, payload));
    }

    [Theory]
    [InlineData("push")]
    [InlineData("issues")]
    [InlineData("release")]
    public void Bytes_that_are_no_UTF8_give_a_result(string type)
    {
        byte[][] bodies = [
            [], [0], [0xff, 0xfe], [.. "{\""u8, 0xff, .. "\":1,\"ref\":\""u8, 0xff, .. "\"}"u8], [0xef, 0xbb, 0xbf, .. "{}"u8]];

        Assert.All(bodies, body => AssertStorable(RulesAgent.Run(Event(type, body)).ToJson()));
    }

    [Theory]
    [InlineData("push")]
    [InlineData("issues")]
    [InlineData("release")]
    public void Every_start_of_an_example_gives_a_result(string type)
    {
        var body = Example(type == "push" ? "push.json" : "issues.json");
        for (var length = 0; length < body.Length; length += 61)
        {
            Assert.NotEmpty(RulesAgent.Run(Event(type, body[..length])).Summary);
        }
    }

    [Fact]
    public void The_example_push_is_summarised_the_same_each_time()
    {
        var result = RulesAgent.Run(Event("push", Example("push.json")));

        Assert.Equal(
            "mona-hale pushed 2 commits to main of octo-org/parcel-tracker. "
            + "9b8a7c6 Round delivery estimates to whole hours (+0 ~1 −0 files). c0ffee5 Drop the legacy courier table (+1 ~1 "
                + "−1 files).",
            result.Summary);
        Assert.Equal("octo-org/parcel-tracker", result.Facts["repository"]);
        Assert.Equal("main", result.Facts["branch"]);
        Assert.Equal("2", result.Facts["commits"]);
        Assert.Equal("c0ffee5a1b2d4e6f8091a2b3c4d5e6f708192a3b", result.Facts["head"]);
        Assert.Equal(result.ToJson(), RulesAgent.Run(Event("push", Example("push.json"))).ToJson());
    }

    [Fact]
    public void The_example_issue_is_summarised_the_same_each_time()
    {
        var result = RulesAgent.Run(Event("issues", Example("issues.json")));

        Assert.Equal(
            "theo-lind opened issue #128 “Tracking page shows yesterday's estimate after midnight” in octo-org/parcel-tracker, "
            + "labelled bug, estimates.",
            result.Summary);
        Assert.Equal(
            ["action", "author", "issue", "repository", "state", "title", "url"], result.Facts.Keys.Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.Equal(result.ToJson(), RulesAgent.Run(Event("issues", Example("issues.json"))).ToJson());
    }

    [Fact]
    public void A_long_line_is_cut_between_characters()
    {
        var title = new string('a', 199) + "😀 and more";
        var payload = JsonSerializer.Serialize(new { issue = new { title } });

        var result = RulesAgent.Run(Event("issues", Encoding.UTF8.GetBytes(payload)));

        Assert.Equal(new string('a', 199) + "😀…", result.Facts["title"]);
    }

    private static void AssertResult(string type, string payload)
    {
        var result = RulesAgent.Run(Event(type, Encoding.UTF8.GetBytes(payload)));

        Assert.NotEmpty(result.Summary);
        AssertStorable(result.Summary);
        AssertStorable(result.ToJson());
        Assert.All(result.Facts.Values, AssertStorable);
        using var json = JsonDocument.Parse(result.ToJson());
    }

    // PostgreSQL's text takes neither a zero nor half of a surrogate pair.
    private static void AssertStorable(string text)
    {
        Assert.DoesNotContain('\0', text);
        Assert.Equal(
            text.Length,
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(new UTF8Encoding(false, true).GetBytes(text)).Length);
    }

    private static WebhookEvent Event(string type, byte[] body) =>
        new(Guid.CreateVersion7(), "github", "delivery", type, "application/json",
            new Dictionary<string, string>(StringComparer.Ordinal), body);

    private static byte[] Example(string name) => File.ReadAllBytes(Path.Combine(Repository.Folder, "docs", "examples", name));
}
