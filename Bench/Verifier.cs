using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace Aspire.Webhooks.Bench;

/// <summary>
/// The least that a receiver on Kestrel can do: it reads the body, verifies its signature and answers 202. It keeps nothing.
/// </summary>
internal static class Verifier
{
    public const string Name = "verifier";

    public static Command Create()
    {
        var command = new Command(Name) { Hidden = true };
        command.SetAction(_ => RunAsync());
        return command;
    }

    private static async Task<int> RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/ready", static () => "ready");
        app.MapPost(SignedRequests.Path, ReceiveAsync);
        await app.RunAsync();
        return 0;
    }

    private static async Task ReceiveAsync(HttpContext context)
    {
        var request = context.Request;
        var timestamp = Encoding.UTF8.GetBytes(request.Headers["X-Webhook-Timestamp"].ToString() + ".");
        var signed = new byte[timestamp.Length + (int)request.ContentLength!.Value];
        timestamp.CopyTo(signed, 0);
        await request.Body.ReadExactlyAsync(signed.AsMemory(timestamp.Length), context.RequestAborted);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SignedRequests.Secret), signed);
        var sent = Convert.FromHexString(request.Headers["X-Webhook-Signature"].ToString());
        context.Response.StatusCode = CryptographicOperations.FixedTimeEquals(hash, sent)
            ? StatusCodes.Status202Accepted : StatusCodes.Status401Unauthorized;
    }
}
