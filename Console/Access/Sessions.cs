using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Keeps the sessions of operators with their tokens in memory. The browser only gets the random id of its session. A restart
/// signs everybody out.
/// </summary>
internal sealed class Sessions(TimeProvider time) : ITicketStore, IDisposable
{
    // Beyond this number, the least recently used sessions are removed.
    private const int MaxSessions = 10_000;

    private readonly MemoryCache _tickets = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxSessions }));

    /// <summary>How long a session lasts if its token has no earlier expiry.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(12);

    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await RenewAsync(key, ticket);
        return key;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        _tickets.Set(key, ticket, new MemoryCacheEntryOptions
        {
            Size = 1, AbsoluteExpiration = ticket.Properties.ExpiresUtc ?? time.GetUtcNow() + Lifetime,
        });
        return Task.CompletedTask;
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => Task.FromResult(_tickets.Get<AuthenticationTicket>(key));

    public Task RemoveAsync(string key)
    {
        _tickets.Remove(key);
        return Task.CompletedTask;
    }

    public void Dispose() => _tickets.Dispose();
}
