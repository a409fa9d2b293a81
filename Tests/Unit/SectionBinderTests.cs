using System.ComponentModel.DataAnnotations;
using System.Text;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit;

/// <summary>What configuration says right is bound; everything else is an error under its key.</summary>
public sealed class SectionBinderTests
{
    [Fact]
    public void Every_kind_of_setting_is_bound()
    {
        var (options, errors) = Read("""
            {
              "Count": 7, "size": "8", "Wait": "00:00:05", "Link": "https://example.com/", "Plan": "second", "Forms": "One, Two",
              "Key": "a-secret", "Names": [ "a", "", "b" ], "Waits": [ "00:00:01" ], "Fixed": [ "c" ],
              "Inner": { "Text": "within" }, "Items": [ { "Text": "first" }, { "Text": "second" } ],
              "ByName": { "x": { "Text": "of x" }, "y": { "Text": "of y" } }
            }
            """);

        Assert.Empty(errors);
        Assert.Equal((7, 8, TimeSpan.FromSeconds(5)), (options.Count, options.Size, options.Wait));
        Assert.Equal((Plan.Second, Forms.One | Forms.Two), (options.Plan, options.Forms));
        Assert.Equal(("https://example.com/", "a-secret"), (options.Link!.ToString(), options.Key!.Reveal()));
        Assert.Equal(["a", "", "b"], options.Names, StringComparer.Ordinal);
        Assert.Equal([TimeSpan.FromSeconds(1)], options.Waits!);
        Assert.Equal(["c"], options.Fixed, StringComparer.Ordinal);
        Assert.Equal("within", options.Inner.Text);
        Assert.Equal(["first", "second"], options.Items.Select(item => item.Text), StringComparer.Ordinal);
        Assert.Equal(("of x", "of y"), (options.ByName["x"].Text, options.ByName["y"].Text));
    }

    [Theory]
    [InlineData("""{ "Count": null, "Wait": null, "Link": null, "Names": null, "Inner": null }""")]
    [InlineData("""{ "Size": "", "Link": "", "Names": [], "Inner": {} }""")]
    public void Nothing_leaves_the_default(string json)
    {
        var (options, errors) = Read(json);

        Assert.Empty(errors);
        Assert.Equal((5, null, TimeSpan.FromSeconds(30)), (options.Count, options.Size, options.Wait));
        Assert.NotNull(options.Link);
        Assert.NotNull(options.Inner);
        Assert.Empty(options.Names);
    }

    [Theory]
    [InlineData("Count", "many", "Test:Count must be a whole number from 1 to 10.")]
    [InlineData("Count", "", "Test:Count must be a whole number from 1 to 10.")]
    [InlineData("Count", "1.5", "Test:Count must be a whole number from 1 to 10.")]
    [InlineData("Count", "99999999999999999999", "Test:Count must be a whole number from 1 to 10.")]
    [InlineData("Count", "0", "Test:Count is 0; it must be from 1 to 10.")]
    [InlineData("Size", "11", "Test:Size is 11; it must be from 1 to 10.")]
    [InlineData("Bytes", "99999999999", "Test:Bytes is 99999999999; it must be from 1 to 17179869184.")]
    [InlineData("Wait", "soon", "Test:Wait must be a time span (hh:mm:ss) from 00:00:01 to 00:01:00.")]
    [InlineData("Wait", "30", "Test:Wait is 30.00:00:00; it must be from 00:00:01 to 00:01:00.")]
    [InlineData("IsOn", "yes", "Test:IsOn must be true or false.")]
    [InlineData("Link", "http://[", "Test:Link must be a URL.")]
    [InlineData("Plan", "third", "Test:Plan must be one of First, Second.")]
    [InlineData("Plan", "1", "Test:Plan must be one of First, Second.")]
    [InlineData("Plan", "First,Second", "Test:Plan must be one of First, Second.")]
    [InlineData("Forms", "None", "Test:Forms must be one or more of One, Two, separated by commas.")]
    [InlineData("Forms", "3", "Test:Forms must be one or more of One, Two, separated by commas.")]
    [InlineData("Forms", "One,Three", "Test:Forms must be one or more of One, Two, separated by commas.")]
    [InlineData("Waits:1", "00:00:00", "Test:Waits:1 is 00:00:00; it must be more than 00:00:00 and at most 01:00:00.")]
    [InlineData("Waits:1", "later", "Test:Waits:1 must be a time span (hh:mm:ss) more than 00:00:00 and at most 01:00:00.")]
    [InlineData("Cuont", "1", "Test: there is no setting 'Cuont'.")]
    [InlineData("Count:0", "1", "Test:Count: there is no setting '0'.")]
    [InlineData("Inner:Txet", "a", "Test:Inner: there is no setting 'Txet'.")]
    [InlineData("Items:0:Txet", "a", "Test:Items:0: there is no setting 'Txet'.")]
    [InlineData("ByName:x:Txet", "a", "Test:ByName:x: there is no setting 'Txet'.")]
    [InlineData("Inner:Needed", " ", "Test:Inner:Needed is not set.")]
    [InlineData("ByName:x:Limit:Burst", "3", "Test:ByName:x:Limit:PerSecond is not set.")]
    [InlineData("ByName:x:Limit:PerSecond", "0", "Test:ByName:x:Limit:PerSecond is 0; it must be from 1 to 100.")]
    public void What_is_wrong_is_one_error_under_its_key(string key, string value, string error)
    {
        var (_, errors) = Read((key, value));

        Assert.Equal([error], errors, StringComparer.Ordinal);
    }

    // Also an environment variable that forgets the index, or a secret in the place of its section.
    [Theory]
    [InlineData("", "Test must have settings under it, not a value.")]
    [InlineData("Inner", "Test:Inner must have settings under it, not a value.")]
    [InlineData("ByName", "Test:ByName must have settings under it, not a value.")]
    [InlineData("ByName:x", "Test:ByName:x must have settings under it, not a value.")]
    [InlineData("Items:0", "Test:Items:0 must have settings under it, not a value.")]
    [InlineData("Items", "Test:Items must be a list, Test:Items:0 and so on, not a value.")]
    [InlineData("Names", "Test:Names must be a list, Test:Names:0 and so on, not a value.")]
    [InlineData("Waits", "Test:Waits must be a list, Test:Waits:0 and so on, not a value.")]
    public void A_value_where_settings_belong_is_an_error(string key, string error) =>
        Assert.Equal([error], Read((key, "the-secret-itself")).Errors, StringComparer.Ordinal);

    [Theory]
    [InlineData("Count")]
    [InlineData("Wait")]
    [InlineData("Plan")]
    [InlineData("Items:0")]
    [InlineData("Names")]
    [InlineData("Inner:the-name")]
    public void No_error_quotes_what_may_be_a_secret_in_the_wrong_place(string key) =>
        Assert.DoesNotContain(
            "the-secret-itself", Assert.Single(Read((key, "the-secret-itself")).Errors), StringComparison.Ordinal);

    [Fact]
    public void Too_many_entries_are_an_error() => Assert.Equal(
        ["Test:Waits lists 4 entries; it must have 3 at most."],
        Read([.. Enumerable.Range(0, 4).Select(at => ($"Waits:{at}", "00:00:01"))]).Errors);

    [Fact]
    public void All_errors_come_at_once_and_what_is_right_is_bound_beside_them()
    {
        var (options, errors) = Read(
            ("Count", "many"), ("Wait", "02:00:00"), ("Cuont", "1"), ("Size", "9"), ("Items:0:Text", "kept"),
            ("Items:1", "stray"));

        Assert.Equal(4, errors.Count);
        Assert.Equal((5, TimeSpan.FromSeconds(30), 9), (options.Count, options.Wait, options.Size));
        Assert.Equal("kept", Assert.Single(options.Items).Text);
    }

    [Fact]
    public void Binding_again_sets_the_same()
    {
        var configuration = Configuration(("Names:0", "a"), ("Fixed:0", "b"), ("ByName:x:Text", "c"));
        var options = new SectionBinder([]).Read<TestOptions>(configuration, "Test");

        new SectionBinder([]).Bind(configuration, "Test", options);

        Assert.Equal(["a"], options.Names, StringComparer.Ordinal);
        Assert.Equal(["b"], options.Fixed, StringComparer.Ordinal);
        Assert.Equal("x", Assert.Single(options.ByName).Key);
    }

    [Fact]
    public void Properties_may_name_keys_of_the_whole_configuration()
    {
        var errors = new List<string>();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("TEST_COUNT", "0"), new("PATH", "/bin")]).Build();

        new SectionBinder(errors).Read<Variables>(configuration, "");

        Assert.Equal(["TEST_COUNT is 0; it must be from 1 to 10."], errors);
    }

    [Fact]
    public void Whatever_is_configured_makes_errors_and_no_exception()
    {
        string[] keys =
        [
            "", "Count", "Size", "Bytes", "Wait", "IsOn", "Link", "Plan", "Forms", "Key", "Names", "Names:0", "Waits:0",
            "Waits:x", "Fixed:0", "Inner", "Inner:Text", "Inner:Needed", "Items", "Items:0", "Items:0:Text", "ByName", "ByName:x",
            "ByName:x:Limit:PerSecond", "Other", "Count:0",
        ];
        string[] pieces =
            ["", " ", "1", "-1", "99999999999", "00:00:05", "1.00:00:00", "true", "First", "One", ",", "http://", "[", "a"];

        Fuzz.Try(
            random =>
            {
                var settings = Enumerable.Range(0, random.Next(1, 6)).Select(_ => keys[random.Next(keys.Length)])
                    .Distinct(StringComparer.Ordinal)
                    .Select(key => (key, Fuzz.Text(random, 3, pieces)));

                Assert.All(Read([.. settings]).Errors, error => Assert.StartsWith("Test", error, StringComparison.Ordinal));
            },
            Fuzz.Rounds / 10);
    }

    private static (TestOptions Options, List<string> Errors) Read(params (string Key, string Value)[] settings) =>
        Read(Configuration(settings));

    private static (TestOptions Options, List<string> Errors) Read(string json) => Read(
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Test": {{json}} }"""))).Build());

    private static (TestOptions Options, List<string> Errors) Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        return (new SectionBinder(errors).Read<TestOptions>(configuration, "Test"), errors);
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting =>
            KeyValuePair.Create($"Test:{setting.Key}".TrimEnd(':'), (string?)setting.Value)))
        .Build();

    private enum Plan
    {
        First,
        Second,
    }

    [Flags]
    private enum Forms
    {
        None = 0,
        One = 1,
        Two = 2,
    }

    private sealed class TestOptions
    {
        [Range(1, 10)]
        public int Count { get; set; } = 5;

        [Range(1, 10)]
        public int? Size { get; set; }

        [Range(1L, 1L << 34)]
        public long Bytes { get; set; } = 1;

        [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(30);

        public bool IsOn { get; set; }

        public Uri? Link { get; set; } = new("https://example.org/");

        public Plan Plan { get; set; }

        public Forms Forms { get; set; } = Forms.One;

        public Secret? Key { get; set; }

        public List<string> Names { get; set; } = [];

        [MaxLength(3), Range(typeof(TimeSpan), "00:00:00", "01:00:00", MinimumIsExclusive = true)]
        public TimeSpan[]? Waits { get; set; }

        public IList<string> Fixed { get; } = [];

        public InnerOptions Inner { get; set; } = new();

        public List<ItemOptions> Items { get; set; } = [];

        public Dictionary<string, ItemOptions> ByName { get; set; } = [];
    }

    private sealed class InnerOptions
    {
        public string Text { get; set; } = "";

        [Required]
        public string Needed { get; set; } = "there";
    }

    private sealed class ItemOptions
    {
        public string? Text { get; set; }

        public LimitOptions? Limit { get; set; }
    }

    private sealed class LimitOptions
    {
        [Required, Range(1, 100)]
        public int PerSecond { get; set; }

        public int? Burst { get; set; }
    }

    private sealed class Variables
    {
        [ConfigurationKeyName("TEST_COUNT"), Range(1, 10)]
        public int? Count { get; set; }
    }
}
