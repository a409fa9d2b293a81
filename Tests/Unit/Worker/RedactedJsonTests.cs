using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class RedactedJsonTests
{
    private const string Secret = "configured-secret-0123";

    private static readonly Redactor Redactor = new([Secret]);

    [Theory]
    [InlineData("""{"a":1,"b":[true,null,"x"],"c":{"d":"é<>&\"\\"}}""", """{"a":1,"b":[true,null,"x"],"c":{"d":"é<>&\"\\"}}""")]
    [InlineData("""{"password":"hunter2"}""", """{"password":"***redacted***"}""")]
    [InlineData("""{"api_key":[12345678,"x"]}""", """{"api_key":["***redacted***","***redacted***"]}""")]
    [InlineData("""{"note":"it is configured-secret-0123!"}""", """{"note":"it is ***redacted***!"}""")]
    [InlineData("""{"note":"\u0063onfigured-secret-0123"}""", """{"note":"***redacted***"}""")]
    [InlineData("""{"configured-secret-0123":1}""", """{"***redacted***":1}""")]
    [InlineData("""{"\ud800":"\udc00"}""", """{"�":"�"}""")]
    [InlineData("\"configured-secret-0123\"", "\"***redacted***\"")]
    [InlineData("""[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"DB_HOST","value":"db"}]""", """[{"name":"DB_PASSWORD","value":"***redacted***"},{"name":"DB_HOST","value":"db"}]""")]
    [InlineData("""{"token":{"id":5,"value":"hunter2"}}""", """{"token":{"id":5,"value":"***redacted***"}}""")]
    public void Each_string_is_judged_as_what_it_says(string json, string redacted)
    {
        using var document = JsonDocument.Parse(json);

        Assert.Equal(redacted, RedactedJson.Write(document.RootElement, Redactor));
    }
}
