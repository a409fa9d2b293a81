using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.Signing;
using Aspire.Webhooks.Worker.Events;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>The services, each in this process against a database of the test's.</summary>
public static class Services
{
    public const string GitHubSecret = "It's a Secret to Everybody";
    public const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    public const string ProviderSecret = "provider-secret-for-tests";
    public const string DiscordSecret =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

    /// <summary>The secret of a source that is set up for Development.</summary>
    public static string SecretOf(string source) => source switch
    {
        "github" => GitHubSecret,
        "standard" or "gitlab" or "clerk" or "openai" or "resend" or "supabase" => StandardSecret,
        "adyen" or "adyen-platform" => "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
        "discord" => DiscordSecret,
        _ => $"{source}-secret-for-tests",
    };

    public static Task<ServiceHost<SourceCatalog>> ReceiverAsync(
        string database, string redis, params (string Key, string Value)[] settings) =>
        ServiceHost<SourceCatalog>.StartAsync(Settings(database, redis, settings));

    /// <summary>A Receiver with services of the test's.</summary>
    public static Task<ServiceHost<SourceCatalog>> ReceiverAsync(
        string database, string redis, Action<IServiceCollection> services, params (string Key, string Value)[] settings) =>
        ServiceHost<SourceCatalog>.StartAsync(Settings(database, redis, settings), services);

    public static Task<ServiceHost<PlaybookCatalog>> WorkerAsync(
        string database, string redis, params (string Key, string Value)[] settings) =>
        ServiceHost<PlaybookCatalog>.StartAsync(Settings(database, redis, settings));

    /// <summary>A Worker with listeners of the test's.</summary>
    public static Task<ServiceHost<PlaybookCatalog>> WorkerAsync(
        string database, string redis, Action<IServiceCollection> services, params (string Key, string Value)[] settings) =>
        ServiceHost<PlaybookCatalog>.StartAsync(Settings(database, redis, settings), services);

    public static Task<ServiceHost<DeliveryClient>> SenderAsync(
        string database, string redis, params (string Key, string Value)[] settings) =>
        ServiceHost<DeliveryClient>.StartAsync(Settings(database, redis, settings));

    /// <summary>The same server behind another port of this machine, such as a <see cref="Relay"/>'s.</summary>
    public static string ThroughPort(string database, int port) =>
        new NpgsqlConnectionStringBuilder(database) { Host = "127.0.0.1", Port = port }.ConnectionString;

    /// <summary>The same for Redis's <c>host:port,password=…</c>.</summary>
    public static string RedisThroughPort(string redis, int port) =>
        $"127.0.0.1:{port}{redis[redis.IndexOf(',', StringComparison.Ordinal)..]}";

    public static int PortOfRedis(string redis) =>
        int.Parse(redis[(redis.IndexOf(':', StringComparison.Ordinal) + 1)..redis.IndexOf(',', StringComparison.Ordinal)]);

    public static Dictionary<string, string> Settings(string database, string redis, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(OperatorToken.Settings, StringComparer.OrdinalIgnoreCase)
        {
            ["ConnectionStrings:webhooks"] = database,
            ["ConnectionStrings:redis"] = redis,
            ["WEBHOOK_VERIFY_TOKEN_META"] = "verify-token-for-tests",

            // How busy this machine is should not matter; tests of overload say otherwise.
            ["Webhooks:Intake:MaxWait"] = "00:01:00",
        };
        foreach (var source in SignatureSchemes.ByName.Keys)
        {
            all[$"WEBHOOK_SECRET_{source.ToUpperInvariant().Replace('-', '_')}"] = SecretOf(source);
        }

        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return all;
    }
}
