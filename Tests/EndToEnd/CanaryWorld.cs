using System.Text.Json;
using System.Text.Json.Nodes;
using Aspire.Webhooks.Tests.Stack;
using Microsoft.AspNetCore.Http;

namespace Aspire.Webhooks.Tests.EndToEnd;

/// <summary>All who might say a credential to the services: senders, models, pages, merchants' servers.</summary>
internal sealed class CanaryWorld : IAsyncDisposable
{
    private readonly ModelServer _model;
    private readonly MerchantServer _merchant;
    private readonly MerchantServer _broken;
    private readonly MerchantServer _page;

    private CanaryWorld(ModelServer model, MerchantServer merchant, MerchantServer broken, MerchantServer page) =>
        (_model, _merchant, _broken, _page) = (model, merchant, broken, page);

    /// <summary>What each service alone is configured with, by its name. No shape gives them away.</summary>
    public static IReadOnlyDictionary<string, string> OfOne { get; } = new[] { "Receiver", "Worker", "Sender" }.ToDictionary(
        service => service, service => $"{service.ToLowerInvariant()} 4ff {Random.Shared.NextInt64():x}", StringComparer.Ordinal);

    /// <summary>By name: of known shapes, and what the services are configured with.</summary>
    public static IReadOnlyList<(string Name, string Secret)> Secrets { get; } =
    [
        .. Canaries.All.Select(canary => (canary.Key, canary.Value)),
        ("the source's secret", Services.GitHubSecret), ("the endpoint's secret", Services.StandardSecret),
        ("another source's secret", Services.ProviderSecret), ("the verify token", "verify-token-for-tests"),
        ("the model's key", ModelServer.Key), .. OfOne.Select(secret => ($"what the {secret.Key} alone knows", secret.Value)),
        ("the source's secret in base64", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Services.GitHubSecret))),
        ("the source's secret in hex", Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Services.GitHubSecret))),
        ("the source's secret in a URL", Uri.EscapeDataString(Services.GitHubSecret)),
    ];

    /// <summary>What must be nowhere.</summary>
    public static IReadOnlyList<(string Name, string Secret)> All { get; } =
        [.. Secrets, .. Canaries.Structured.Select(structured => (structured.Structure, structured.Secret))];

    private static string Words => string.Join(" and ", Secrets.Select(secret => secret.Secret))
        + string.Concat(Canaries.Structured.Select(structured => $"\n\n{structured.Text}\n"));

    /// <summary>
    /// A payload with all of them everywhere: in every field that is read, as names, in lists, in sentences, in JSON within.
    /// </summary>
    public static string Payload { get; } = JsonSerializer.Serialize(new
    {
        action = Words,
        @ref = $"refs/heads/{Secrets[0].Secret}",
        issue = new { number = 7, title = $"I lost {Words}", body = Words,
            labels = Secrets.Select(secret => new { name = secret.Secret }), html_url = $"https://x/?k={Secrets[9].Secret}",
            user = new { login = Secrets[3].Secret } },
        commits = Secrets.Select(
            secret => new { id = secret.Secret, message = $"Add {secret.Secret} to the code", added = new[] { secret.Secret } }),
        repository = new { full_name = Secrets[12].Secret },
        sender = new { login = Secrets[7].Secret },
        names = Secrets.ToDictionary(secret => secret.Secret, secret => 1, StringComparer.Ordinal),
        values = Secrets.ToDictionary(secret => secret.Name, secret => secret.Secret, StringComparer.Ordinal),
        within = JsonSerializer.Serialize(Secrets.Select(secret => new { value = secret.Secret })),
        texts = Canaries.Structured.Select(structured => structured.Text),
        documents = Canaries.Structured.Where(structured => structured.Text[0] is '{' or '[')
            .Select(structured => JsonNode.Parse(structured.Text)),
    });

    /// <summary>For processes: the model, and playbooks that make it talk, wait and fail.</summary>
    public (string Key, string Value)[] Settings =>
    [
        .. _model.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
        .. Playbook("talk", "issues*", [], _page.Port), .. Playbook("wait", "push", ["send_message"], _page.Port),
        .. Playbook("fail", "release", [], _page.Port),
        ("Webhooks__Egress__Loopback__0", "127.0.0.1:*"), ("Webhooks__Egress__Loopback__1", "localhost:*"),
    ];

    public IEnumerable<string> Delivered => _merchant.All.Select(request => request.Text);

    public IEnumerable<string> Told => _model.Requests.Select(request => request.Text);

    public static async Task<CanaryWorld> StartAsync(string database)
    {
        var merchant = await MerchantServer.StartAsync(async (request, context) =>
        {
            context.Response.StatusCode = request.Number % 2 == 0 ? 200 : 500;
            await context.Response.WriteAsync(Words);
        });

        // Its lane is slow and stays so: the other one's is quick again after each success.
        var broken = await MerchantServer.StartAsync(async (_, context) =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync(Words);
        });
        var page = await MerchantServer.StartAsync((_, context) => context.Response.WriteAsync(Words));
        await Tables.AddEndpointAsync(database, "acme", merchant.Url);
        await Tables.AddEndpointAsync(database, "acme", broken.Url);
        var model = await ModelServer.StartAsync(request => Answer(request, new UriBuilder(page.Url) { Host = "localhost" }.Uri));
        return new(model, merchant, broken, page);
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        await _merchant.DisposeAsync();
        await _broken.DisposeAsync();
        await _page.DisposeAsync();
    }

    private static ModelAnswer Answer(ModelRequest request, Uri page)
    {
        if (request.Said("system").Contains("Instructions of fail.", StringComparison.Ordinal))
        {
            return new ModelAnswer(Words) { Status = 500 };
        }

        // The tools are for the one event with all of them; of the others, each with one, the last answer is enough.
        return (request.Said("user").Contains("opened", StringComparison.Ordinal) ? int.MaxValue : request.Results.Count) switch
        {
            0 => new ModelAnswer(Words, ("read_event", """{"pointer":"/values"}""")),
            1 => ModelAnswer.Call("fetch_url", new { url = page }),
            2 => new ModelAnswer(null, (Secrets[4].Secret, "{}")),
            3 => ModelAnswer.Call("fetch_url", new { url = $"https://{Secrets[5].Secret}.example.com/{Words}" }),
            4 => ModelAnswer.Call("read_event", new { pointer = $"/{Secrets[6].Secret}" }),
            5 => ModelAnswer.Call("send_message", new { type = Secrets[8].Secret, data = new { } }),
            6 => ModelAnswer.Call(
                "send_message",
                new { type = "issue.note",
                data = Secrets.ToDictionary(
                secret => secret.Secret, secret => $"It is {secret.Secret}.", StringComparer.Ordinal) }),
            _ => $"I know {Words}.",
        };
    }

    private static IEnumerable<(string Key, string Value)> Playbook(string name, string type, string[] approval, int port)
    {
        var root = $"Webhooks__Playbooks__{name}";
        return
        [
            ($"{root}__Source", "github"), ($"{root}__EventTypes__0", type),
            ($"{root}__Instructions", $"Instructions of {name}."), ($"{root}__Agent", "openai"), ($"{root}__Merchant", "acme"),
            ($"{root}__ResultType", "issue.triaged"), ($"{root}__MessageTypes__0", "issue.note"),
            ($"{root}__AllowedHosts__0", $"localhost:{port}"), ($"{root}__Tools__0", "fetch_url"),
            ($"{root}__Tools__1", "read_event"), ($"{root}__Tools__2", "send_message"),
            .. approval.Select((tool, index) => ($"{root}__RequireApproval__{index}", tool)),
        ];
    }
}
