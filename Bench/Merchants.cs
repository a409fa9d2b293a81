using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Webhooks.Sender;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Storage;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Aspire.Webhooks.Bench;

/// <summary>Merchants with one endpoint each, in a database whose schema is there, and what is published for them.</summary>
internal static class Merchants
{
    private const string Issuer = "bench";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    /// <summary>What a Sender needs to take <see cref="PublisherOf"/>'s requests.</summary>
    public static IReadOnlyList<(string Key, string Value)> Settings { get; } =
    [
        ("Authentication__Schemes__Bearer__ValidIssuer", Issuer), ("Authentication__Schemes__Bearer__ValidAudiences__0", Issuer),
        ("Authentication__Schemes__Bearer__SigningKeys__0__Issuer", Issuer),
        ("Authentication__Schemes__Bearer__SigningKeys__0__Value", Convert.ToBase64String(Key)),
    ];

    public static string Name(int number) => $"merchant-{number}";

    /// <summary>
    /// Adds an endpoint for each URL, of the merchant with its number, as the Sender's API would once it had answered.
    /// </summary>
    public static async Task AddAsync(
        Stores stores, Database database, params IReadOnlyList<(Uri Url, string Description)> endpoints)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration["ConnectionStrings:webhooks"] = database.ConnectionString;
        builder.Configuration["ConnectionStrings:redis"] = stores.Redis;
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddWebhookStorage();
        builder.AddSecretProtection();
        await using var app = builder.Build();
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<WebhooksDb>();
        var protection = scope.ServiceProvider.GetRequiredService<SecretProtection>();
        foreach (var (number, (url, description)) in endpoints.Index())
        {
            var (id, now) = (Guid.CreateVersion7(), TimeProvider.System.GetUtcNow());
            db.Add(new Storage.Endpoint
            {
                Id = id, MerchantId = Name(number), Url = url.ToString(), Description = description, EventTypes = [],
                Active = true, CreatedAt = now, UpdatedAt = now,
            });
            var secret = protection.Protect(id, EndpointKeys.New(EndpointKeys.Symmetric));
            db.Add(new EndpointSecret { Id = id, EndpointId = id, Protected = secret, CreatedAt = now });
        }

        await db.SaveChangesAsync();
    }

    /// <summary>A client of a Sender that may publish for every merchant.</summary>
    public static HttpClient PublisherOf(ChildProcess sender)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer, Audience = Issuer, IssuedAt = now, NotBefore = now.AddMinutes(-1), Expires = now.AddHours(12),
            Subject = new ClaimsIdentity([new Claim("sub", "bench"), new Claim("scope", "messages:write admin")]),
            SigningCredentials = new(new SymmetricSecurityKey(Key), SecurityAlgorithms.HmacSha256),
        });
        return new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = sender.Address,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }

    /// <summary>Publishes a message for one merchant, and returns its id.</summary>
    public static async Task<string> PublishAsync(HttpClient publisher, int merchant)
    {
        var message = new { merchant_id = Name(merchant), event_type = "invoice.paid", payload = new { type = "invoice.paid" } };
        using var answer = await publisher.PostAsJsonAsync("/api/v1/messages", message);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }
}
