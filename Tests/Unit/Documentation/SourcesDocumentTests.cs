using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Tests.Unit.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>docs/sources.md: its example works as it stands, and its table leaves out no source.</summary>
public sealed partial class SourcesDocumentTests
{
    private static readonly string Document = File.ReadAllText(
        Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/sources.md"));

    [Fact]
    public void The_example_of_a_scheme_of_one_s_own_verifies_what_its_openssl_line_signs()
    {
        var json = Whole().Match(Document).Groups["json"].Value;
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

        var source = SourceParser.Read(configuration, isDevelopment: false, out var errors)["parcels"];

        // Printed by the document's openssl line at that time.
        const string Signature = "kcIIN5C6wp8EqfJnWgVSxTmqegsrgrZIMUajVFkLkeqVWAUSWsGITTpOsbsKTR0zGqzLG4a2ZCuh6a+CuNDhKg==";
        var headers = new HeaderDictionary { ["Acme-Signature"] = $"at=1795348800,s=old,s={Signature}" };
        var body = """{"kind":"parcel.sent","ref":"p-17"}"""u8;
        Assert.Empty(errors);
        Assert.Equal(
            VerificationResult.Valid,
            SignatureVerifier.Verify(
                source.Scheme, source.Keys, new(headers, body, ""), DateTimeOffset.FromUnixTimeSeconds(1795348920)).Result);
        Assert.Equal(
            VerificationResult.StaleTimestamp,
            SignatureVerifier.Verify(
                source.Scheme, source.Keys, new(headers, body, ""), DateTimeOffset.FromUnixTimeSeconds(1795348921)).Result);
    }

    [Fact]
    public void The_table_has_each_scheme_that_ships() => Assert.All(
        SignatureSchemes.ByName,
        scheme =>
            Assert.Matches($@"(?m)^\| `{scheme.Key}` \|.*{Regex.Escape(scheme.Value.SignatureHeader.Split('-')[0])}", Document));

    [Fact]
    public void The_example_for_Production_is_a_configuration_without_errors()
    {
        var variables = Variables().Matches(Document[Document.IndexOf("## In Production", StringComparison.Ordinal)..])
            .Where(match => !match.Groups["key"].Value.StartsWith("ASPNETCORE", StringComparison.Ordinal))
            .ToDictionary(
                match => match.Groups["key"].Value.Replace("__", ":", StringComparison.Ordinal),
                match => (string?)match.Groups["value"].Value, StringComparer.Ordinal);

        var sources = SourceParser.Read(
            new ConfigurationBuilder().AddInMemoryCollection(variables).Build(), isDevelopment: false, out var errors);

        Assert.Empty(errors);
        Assert.Equal("billing github orders square", string.Join(' ', sources.Keys.Order(StringComparer.Ordinal)));
    }

    public static TheoryData<string> Recipes =>
        [.. SignatureSchemes.ByName.Keys.Except(["generic", "messages", "agent", "provider"], StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Each_provider_has_a_recipe_whose_configuration_has_no_errors(string scheme)
    {
        var recipe = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, $"../../../docs/sources/{scheme}.md"));
        var variables = Variables().Matches(recipe).ToDictionary(
            match => match.Groups["key"].Value.Replace("__", ":", StringComparison.Ordinal),
            match => (string?)match.Groups["value"].Value.Replace("…", SampleRequest.SecretOf(SignatureSchemes.ByName[scheme]), StringComparison.Ordinal),
            StringComparer.Ordinal);
        if (SignatureSchemes.ByName[scheme] is { Keys: null, KeyEncoding: KeyEncoding.PublicKey })
        {
            variables[$"WEBHOOK_SECRET_{scheme.ToUpperInvariant()}"] =
                ProviderVectors.All.First(vector => vector.Scheme == scheme).Secret;
        }

        var sources = SourceParser.Read(
            new ConfigurationBuilder().AddInMemoryCollection(variables).Build(), isDevelopment: false, out var errors);

        Assert.Empty(errors);
        Assert.Same(SignatureSchemes.ByName[scheme], Assert.Single(sources).Value.Scheme);
        Assert.All(
            ["Secret", "Events", "We answer", "Retries", "Largest body"],
            row => Assert.Contains($"\n| {row} | ", recipe, StringComparison.Ordinal));
        Assert.Contains($"\n| We answer | {SchemeReplies.Of(scheme).Accepted.Status} ", recipe, StringComparison.Ordinal);
        Assert.Contains(
            $"\n| Largest body | {SignatureSchemes.ByName[scheme].MaxBodyBytes / (1024 * 1024)} MiB", recipe,
            StringComparison.Ordinal);
        Assert.Contains($"(sources/{scheme}.md)", Document, StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^(?<key>(Webhooks__|WEBHOOK_|BILLING_|ConnectionStrings__)\w+)='?(?<value>[^'\n]+)'?$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variables();

    [GeneratedRegex("```json\n(?<json>\\{\n.*?\n\\})\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Whole();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
