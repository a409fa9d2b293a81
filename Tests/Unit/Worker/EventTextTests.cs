using System.Text;
using Aspire.Webhooks.Listeners;
using Aspire.Webhooks.Payloads;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Worker.Agents;

namespace Aspire.Webhooks.Tests.Unit.Worker;

public sealed class EventTextTests
{
    private const string Payload =
        """{"config":{"password":"hunter2","tokens":{"access_token":["hunter2"]}},"env":[{"name":"DB_PASSWORD","value":"hunter2"}],"note":"plain"}""";

    private static readonly Redactor Redactor = new([]);

    private static readonly WebhookEvent Event = new(
        Guid.Empty, "github", "d-1", "push", "application/json", new Dictionary<string, string>(StringComparer.Ordinal),
        Encoding.UTF8.GetBytes(Payload));

    [Theory]
    [InlineData("/config/password")]
    [InlineData("/config/tokens/access_token/0")]
    [InlineData("/config/tokens")]
    [InlineData("/env/0/value")]
    [InlineData("/env/0")]
    public void What_its_place_makes_a_credential_is_none_the_less_when_it_is_asked_for_by_itself(string pointer)
    {
        var text = EventText.Of(Event, Redactor, JsonPointer.Parse(pointer))!;

        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains(Redactor.Replacement, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_is_what_it_is_and_what_is_not_there_is_nothing()
    {
        Assert.Equal("\"plain\"", EventText.Of(Event, Redactor, JsonPointer.Parse("/note")));
        Assert.Null(EventText.Of(Event, Redactor, JsonPointer.Parse("/nothing")));
    }
}
