using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Interop;

/// <summary>Real payloads are the measure of what redaction must leave alone: every example that GitHub publishes.</summary>
public sealed class RedactedExamplesTests
{
    // All that is a credential in them: the secret of a hook's configuration, and the key that signed a download's address.
    private static readonly string[] Credentials = [".secret", ".download_url"];

    private static readonly Redactor Redactor = new([]);

    [Fact]
    public void Nothing_changes_in_github_s_examples_but_what_is_a_credential()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        var examples = JsonElement.Parse(
            File.ReadAllText(Node.PathOf("node_modules/@octokit/webhooks-examples/api.github.com/index.json")))
            .EnumerateArray().SelectMany(type => type.GetProperty("examples").EnumerateArray()).ToList();

        Assert.True(examples.Count > 300, $"There are {examples.Count} examples.");
        Assert.All(examples, example =>
        {
            var redacted = JsonElement.Parse(Redactor.Redact(example.GetRawText()));

            Assert.All(Changes(example, redacted, ""), path => Assert.Contains(Credentials, path.EndsWith));
        });
    }

    private static IEnumerable<string> Changes(JsonElement before, JsonElement after, string path) => before.ValueKind switch
    {
        JsonValueKind.Object => before.EnumerateObject().Zip(
            after.EnumerateObject(), (old, now) =>
                Changes(old.Value, now.Value, $"{path}.{old.Name}")).SelectMany(changes => changes),
        JsonValueKind.Array => before.EnumerateArray().Zip(
            after.EnumerateArray(), (old, now) => Changes(old, now, path)).SelectMany(changes => changes),
        _ => JsonElement.DeepEquals(before, after) ? [] : [path],
    };
}
