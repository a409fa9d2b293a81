using System.Net;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Integration.Receiver;

/// <summary>The line about a body that cannot be read says where, and nothing of what the sender wrote.</summary>
public sealed class RefusalLogTests(TestStack stack)
{
    private const int Refused = 2203;

    [Fact]
    public async Task A_body_that_is_not_JSON_is_logged_with_the_line_and_the_position()
    {
        var log = new RecordedLog();
        await using var receiver = await Services.ReceiverAsync(
            await stack.NewDatabaseAsync(), await stack.RedisAsync(), services => services.AddSingleton<ILoggerProvider>(log));
        using var client = receiver.NewClient();
        (byte[] Body, string Says)[] bodies =
        [
            ("{\n  \"quoted\": from the sender\n}"u8.ToArray(), "The body is not valid JSON (line 2, position 14)."),
            ([], "The body is empty."),
            ([0xff, 0x00], "The body is not valid UTF-8."),
        ];

        foreach (var (body, _) in bodies)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync(Delivery.Signed("github", "1", body))).Status);
        }

        var lines = log.Of(Refused).Select(line => line.Text).ToList();
        Assert.Equal(
            bodies.Select(body => $"A request to github was refused: InvalidBody. {body.Says}"), lines, StringComparer.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("quoted", StringComparison.Ordinal));
    }
}
