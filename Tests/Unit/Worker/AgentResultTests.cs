using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class AgentResultTests
{
    private const string Secret = "opaque-value-1";

    // Agents choose names as well as values.
    [Fact]
    public void No_credential_is_left_in_a_summary_or_in_a_fact_s_name_or_value()
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{Secret} of prod"] = "x", [Secret] = "y", ["found"] = Secret, ["access_token"] = "of no known shape",
            ["plain"] = "text",
        };

        var redacted = new AgentResult($"I saw {Secret}.", facts).Redacted(new Redactor([Secret]));

        Assert.Equal("I saw ***redacted***.", redacted.Summary);
        Assert.Equal(
            ["***redacted*** of prod: x", "***redacted***: y", "found: ***redacted***", "access_token: ***redacted***",
                "plain: text"],
            redacted.Facts.Select(fact => $"{fact.Key}: {fact.Value}"),
            StringComparer.Ordinal);
    }

    [Fact]
    public void Of_two_facts_whose_names_are_the_same_without_credentials_the_later_one_stays()
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal) { [Secret] = "first", [Secret + "2"] = "second" };

        var redacted = new AgentResult("", facts).Redacted(new Redactor([Secret, Secret + "2"]));

        Assert.Equal(new KeyValuePair<string, string>("***redacted***", "second"), Assert.Single(redacted.Facts));
    }
}
