using System.Net;
using Aspire.Webhooks.Tests.Stack;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

public sealed class IntakeTests(TestStack stack)
{
    private const string Body = """{"ref":"refs/heads/main","commits":[]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signed_event_is_answered_202_and_stored_exactly_as_it_was_signed()
    {
        var database = await stack.NewDatabaseAsync();
        await using var receiver = await Services.ReceiverAsync(database, await stack.RedisAsync());
        using var client = receiver.NewClient();

        using var answer = await client.SendAsync(SignedRequest.GitHub(Body, "delivery-1"), Cancellation);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("""{"status":"accepted"}""", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(Body, await Sql.ScalarAsync<string>(database, "select convert_from(body, 'UTF8') from webhooks.inbound_events"));
        Assert.Equal(1, await Sql.CountAsync(database, "webhooks.jobs where kind = 'event' and state = 'pending'"));
    }
}
