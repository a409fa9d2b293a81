using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Signing;
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

    [GeneratedRegex("```json\n(?<json>\\{\n.*?\n\\})\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Whole();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
