using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Aspire.Webhooks.ServiceDefaults.Redaction;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class ConfiguredSecretTests
{
    private const string Secret = "p/ss+wörd \"1\"";

    [Theory]
    [InlineData("WEBHOOK_SECRET")]
    [InlineData("WEBHOOK_SECRET_GITHUB")]
    [InlineData("Sources:github:Secret")]
    [InlineData("Sources:github:Secrets:0")]
    [InlineData("Agent:ApiKey")]
    [InlineData("OPENAI_API_KEY")]
    [InlineData("smtp:password")]
    [InlineData("GitHub:AccessToken")]
    [InlineData("Authentication:Schemes:Bearer:SigningKeys:0:Value")]
    [InlineData("WEBHOOK_VERIFY_TOKEN_META")]
    [InlineData("Webhooks:OpenAI:ApiKey")]
    [InlineData("Storage:AccountKey")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("Jwt:Signing-Key")]
    [InlineData("TLS_PRIVATE_KEY")]
    [InlineData("ApiKeys:0")]
    public void Values_of_keys_named_like_credentials_are_secrets(string key) =>
        Assert.Equal("it is ***redacted***", RedactorOf((key, "abcdefgh")).Redact("it is abcdefgh"));

    [Theory]
    [InlineData("Webhooks:Sources:shop:Secrets:1:Key")]
    [InlineData("Webhooks:Sources:meta:VerifyTokenKey")]
    public void What_a_key_for_a_credential_s_key_names_is_a_secret(string key)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { [key] = "SHOP_HMAC", ["SHOP_HMAC"] = "abcdefgh" })
            .Build();
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.AddServiceDefaults();
        builder.Configuration.AddConfiguration(configuration);
        using var host = builder.Build();

        Assert.Equal("SHOP_HMAC is ***redacted***", host.Services.GetRequiredService<Redactor>().Redact("SHOP_HMAC is abcdefgh"));
    }

    [Theory]
    [InlineData("ConnectionStrings:webhooks", "Host=h;Username=u;Password=abcdefgh;Database=d")]
    [InlineData("ConnectionStrings:webhooks", "Host=h;Password='abcdefgh'")]
    [InlineData("ConnectionStrings:redis", "localhost:6379,password=abcdefgh")]
    [InlineData("ConnectionStrings:redis", "localhost:6379,password=abcdefgh,abortConnect=false")]
    [InlineData("ConnectionStrings:webhooks", "postgres://u:abcdefgh@h/d")]
    [InlineData("Aspire:StackExchange:Redis:ConnectionString", "h:1,password=abcdefgh")]
    [InlineData("ConnectionStrings:legacy", "Server=h;Uid=u;Pwd=abcdefgh")]
    [InlineData("ConnectionStrings:blobs", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abcdefgh")]
    [InlineData("ConnectionStrings:bus", "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=abcdefgh")]
    [InlineData("HTTPS_PROXY", "http://u:abcdefgh@proxy:8080")]
    [InlineData("REDIS_URL", "rediss://:abcdefgh@h:6380")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "x-team=abcdefgh,x-set=y")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=%61bcdefgh")]
    public void Passwords_in_connection_strings_are_secrets(string key, string value) =>
        Assert.Equal("it is ***redacted***", RedactorOf((key, value)).Redact("it is abcdefgh"));

    [Theory]
    [InlineData("Sources:github:Scheme", "abcdefgh")]
    [InlineData("ConnectionStrings:webhooks", "Host=abcdefgh;Password=short")]
    [InlineData("WEBHOOK_SECRET", "short")]
    [InlineData("Sources:discord:PublicKey", "abcdefgh")]
    [InlineData("Webhooks:Sources:shop:Secrets:1:Key", "abcdefgh")]
    [InlineData("HTTPS_PROXY", "http://abcdefgh@proxy:8080")]
    public void Other_values_and_short_ones_are_not(string key, string value) =>
        Assert.Equal("abcdefgh short", RedactorOf((key, value)).Redact("abcdefgh short"));

    [Theory]
    [InlineData("PWD", "/home/bob/webhooks")]
    [InlineData("OLDPWD", "/workspace-of-bob")]
    [InlineData("GOOGLE_APPLICATION_CREDENTIALS", "/etc/keys/google.json")]
    public void A_place_is_no_secret(string key, string value) =>
        Assert.Equal($"it is in {value}", RedactorOf((key, value)).Redact($"it is in {value}"));

    public static TheoryData<string> Forms =>
    [
        Secret,
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToHexString(Encoding.UTF8.GetBytes(Secret)),
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret)),
        Uri.EscapeDataString(Secret),
        WebUtility.UrlEncode(Secret),
        JsonSerializer.Serialize(Secret)[1..^1],
        JsonSerializer.Serialize(JsonSerializer.Serialize(Secret)[1..^1])[1..^1],
        // Go and Python write \u00f6 where .NET writes \u00F6, PHP escapes the slash.
        JsonSerializer.Serialize(Secret)[1..^1].Replace("\\u00F6", "\\u00f6", StringComparison.Ordinal).Replace("\\u002B", "\\u002b", StringComparison.Ordinal),
        "p\\/ss+wörd \\\"1\\\"",
        Uri.EscapeDataString(Uri.EscapeDataString(Secret)),
        WebUtility.HtmlEncode(Secret),
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Secret)),
        BitConverter.ToString(Encoding.UTF8.GetBytes(Secret)),
        BitConverter.ToString(Encoding.UTF8.GetBytes(Secret)).Replace('-', ':').ToLowerInvariant(),
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_found_in_every_encoding(string form) =>
        Assert.Equal("<***redacted***>", RedactorOf(("WEBHOOK_SECRET", Secret)).Redact($"<{form}>"));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("user:")]
    public void A_secret_is_found_inside_longer_base64(string before)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}longer-secret-value!"));

        var redacted = RedactorOf(("WEBHOOK_SECRET", "longer-secret-value!")).Redact(encoded);

        Assert.Contains(Redactor.Replacement, redacted, StringComparison.Ordinal);
        Assert.True(redacted.Length - Redactor.Replacement.Length <= 10, redacted);
    }

    [Fact]
    public void The_key_inside_a_standard_webhooks_secret_is_a_secret_too() =>
        Assert.Equal("***redacted***", RedactorOf(("WEBHOOK_SECRET_STANDARD", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"))
            .Redact("C2FVsBQIhrscChlQIMV+b5sSYspob7oD"));

    [Fact]
    public void Overlapping_secrets_leave_nothing_of_either() =>
        Assert.Equal("<***redacted***>", new Redactor(["abcdefgh", "efghijklmnop"]).Redact("<abcdefghijklmnop>"));

    [Fact]
    public void Configuration_that_is_added_after_the_defaults_counts()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddServiceDefaults();
        builder.Configuration["WEBHOOK_SECRET"] = "abcdefgh";
        using var host = builder.Build();

        Assert.Equal(Redactor.Replacement, host.Services.GetRequiredService<Redactor>().Redact("abcdefgh"));
    }

    [Fact]
    public void A_secret_that_a_reload_brings_is_a_secret_and_so_is_the_one_before()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddServiceDefaults();
        builder.Configuration["WEBHOOK_SECRET"] = "the-old-one";
        using var host = builder.Build();
        var redactor = host.Services.GetRequiredService<Redactor>();

        builder.Configuration["WEBHOOK_SECRET"] = "the-new-one";
        ((IConfigurationRoot)builder.Configuration).Reload();

        Assert.Equal($"{Redactor.Replacement} {Redactor.Replacement}", redactor.Redact("the-old-one the-new-one"));
    }

    private static Redactor RedactorOf((string Key, string Value) setting)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.AddServiceDefaults();
        builder.Configuration[setting.Key] = setting.Value;
        using var host = builder.Build();
        return host.Services.GetRequiredService<Redactor>();
    }
}
