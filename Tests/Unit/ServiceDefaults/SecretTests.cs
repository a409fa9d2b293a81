using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class SecretTests
{
    private const string Value = "correct-horse-battery";

    [Fact]
    public void Printing_a_secret_gives_the_mask()
    {
        var secret = new Secret(Value);

        Assert.Equal("***", secret.ToString());
        Assert.Equal("***", $"{secret}");
        Assert.Equal("***", typeof(Secret).GetCustomAttribute<DebuggerDisplayAttribute>()?.Value);
    }

    [Fact]
    public void Serializing_a_secret_gives_the_mask() =>
        Assert.Equal("""{"Name":"github","Key":"***"}""", JsonSerializer.Serialize(new Source { Name = "github", Key = new Secret(Value) }));

    [Fact]
    public void Serializing_a_secret_as_a_key_gives_the_mask() =>
        Assert.Equal("""{"***":1}""", JsonSerializer.Serialize(new Dictionary<Secret, int> { [new Secret(Value)] = 1 }));

    [Fact]
    public void A_secret_is_read_from_json() =>
        Assert.Equal(Value, JsonSerializer.Deserialize<Source>($$"""{"Key":"{{Value}}"}""")!.Key!.Reveal());

    [Fact]
    public void A_secret_binds_from_configuration_alone_and_in_lists()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Key"] = Value, ["Old:0"] = "older", ["Old:1"] = "oldest" })
            .Build();

        var source = configuration.Get<Source>()!;

        Assert.Equal(Value, source.Key!.Reveal());
        Assert.Equal("older oldest", string.Join(' ', source.Old.Select(secret => secret.Reveal())));
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", "aa", false)]
    [InlineData("", "", true)]
    public void Secrets_are_equal_by_value(string one, string other, bool equal)
    {
        Assert.Equal(equal, new Secret(one).Equals(new Secret(other)));
        Assert.Equal(equal, new Secret(one).Equals((object)new Secret(other)));
        if (equal)
        {
            Assert.Equal(new Secret(one).GetHashCode(), new Secret(other).GetHashCode());
        }
    }

    [Fact]
    public void A_secret_equals_nothing_else() => Assert.False(new Secret(Value).Equals(Value));

    private sealed class Source
    {
        public string? Name { get; set; }

        public Secret? Key { get; set; }

        [System.Text.Json.Serialization.JsonIgnore]
        public List<Secret> Old { get; set; } = [];
    }
}
