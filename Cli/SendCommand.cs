using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Aspire.Webhooks.Signing;

namespace Aspire.Webhooks.Cli;

/// <summary>
/// <c>send &lt;url&gt;</c>: signs data as a provider does and POSTs it. The secret comes from the environment or <c>.env</c>.
/// </summary>
public static class SendCommand
{
    public const string Name = "send";

    private static readonly Argument<Uri> Url = new("url")
    {
        Description = "Where to POST, such as http://localhost:5101/webhooks/github.",
        CustomParser = result =>
            Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                ? url
                : Fail<Uri>(result, $"'{result.Tokens[0].Value}' is no absolute http or https URL."),
    };

    private static readonly Option<string> Scheme = SharedOptions.SchemeOption(scheme => scheme.CanSign);

    private static readonly Option<string?> Event = new("--event")
    {
        Description =
            "The event's type, for schemes that carry it in a header (GitHub), and for the default data. "
            + "Other data has its own. Default: test.",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "The body: text, @FILE, or - for standard input. Default: JSON with id and type where the scheme has them.",
    };

    private static readonly Option<string?> ContentType = new("--content-type")
    {
        Description =
            "The body's Content-Type. Default: application/json; for data that is not JSON, that of a form if the scheme's "
+ "provider sends forms.",
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "The delivery's id. Default: a new one for each. The same id twice is a duplicate.",
    };

    private static readonly Option<int> Repeat = SharedOptions.NumberOption(
        "--repeat", "How often to send, one after the other.", 1, 1, 1000);

    private static readonly Option<string?> SecretKey = new("--secret-key")
    {
        Description = "The variable that holds the secret. Default: WEBHOOK_SECRET_{SCHEME}, else WEBHOOK_SECRET.",
    };

    /// <summary>
    /// Creates the command. Its exit code is 0 when every answer is a 2xx, 1 on any other or none, 2 without a secret.
    /// </summary>
    internal static Command Create()
    {
        var send = new Command(Name, "Signs data and POSTs it to a webhook receiver.")
        {
            Url, Scheme, Event, Data, ContentType, Id, SecretKey, Repeat,
        };
        send.SetAction(async (result, cancellationToken) => await SendAsync(result, cancellationToken));
        return send;
    }

    private static async Task<int> SendAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var schemeName = result.GetValue(Scheme)!;
        string[] keys = result.GetValue(SecretKey) is { } only ? [only] : SharedOptions.SecretKeys(schemeName);
        try
        {
            if (SecretFile.Find(keys) is not { } secret)
            {
                await Console.Error.WriteLineAsync($"No secret: set {string.Join(" or ", keys)} in the environment or in .env.");
                return 2;
            }

            // Standard input can be read only once.
            var data = result.GetValue(Data) is { } given ? await ReadAsync(given, cancellationToken) : null;
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            var allAccepted = true;
            for (var sent = 0; sent < result.GetValue(Repeat); sent++)
            {
                allAccepted &= await SendOnceAsync(
                    result, SignatureSchemes.ByName[schemeName], secret, data, client, cancellationToken);
            }

            return allAccepted ? 0 : 1;
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException or UnauthorizedAccessException or FormatException
                or ArgumentException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static async Task<bool> SendOnceAsync(
        ParseResult result, SignatureScheme scheme, Secret secret, byte[]? data, HttpClient client,
        CancellationToken cancellationToken)
    {
        var id = result.GetValue(Id) ?? Guid.CreateVersion7().ToString();
        var eventType = result.GetValue(Event);
        var body = data ?? SampleBody.For(
            scheme, id, eventType ?? SampleBody.Type, isPhoneMessage: scheme == SignatureSchemes.ByName["messages"]);
        var signed = ProviderRequest.Sign(
            scheme, [SigningKey.Parse(secret, scheme.KeyEncoding)], result.GetValue(Url)!.AbsoluteUri, body,
            result.GetValue(ContentType), id, eventType, TimeProvider.System.GetUtcNow());
        using var request = RequestOf(signed);
        using var response = await client.SendAsync(request, cancellationToken);
        await Console.Out.WriteLineAsync($"{(int)response.StatusCode} {response.ReasonPhrase}");
        await Console.Out.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellationToken));
        return response.IsSuccessStatusCode;
    }

    private static HttpRequestMessage RequestOf(ProviderRequest signed)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, signed.Url) { Content = new ByteArrayContent(signed.Body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(signed.ContentType);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Aspire.Webhooks.Sender", "1.0"));
        foreach (var (name, value) in signed.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static async Task<byte[]> ReadAsync(string data, CancellationToken cancellationToken)
    {
        if (data == "-")
        {
            using var buffer = new MemoryStream();
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(buffer, cancellationToken);
            return buffer.ToArray();
        }

        return data.StartsWith('@')
            ? await File.ReadAllBytesAsync(Locate(data[1..]), cancellationToken)
            : Encoding.UTF8.GetBytes(data);
    }

    // `dotnet run` starts programs in the project's folder. PWD names the folder of the shell.
    private static string Locate(string path) =>
        File.Exists(path) || Environment.GetEnvironmentVariable("PWD") is not { Length: > 0 } shell
            ? path
            : Path.GetFullPath(path, shell);

    private static T? Fail<T>(System.CommandLine.Parsing.ArgumentResult result, string message)
        where T : class
    {
        result.AddError(message);
        return null;
    }
}
