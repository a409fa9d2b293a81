using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Console.Access;

/// <summary>
/// Who has signed in, with their tokens, in the memory of this process: a browser gets the number of its session and nothing
/// else. A restart signs everybody out.
/// </summary>
internal sealed class Sessions(TimeProvider time) : ITicketStore, IDisposable
{
    // More than that, and the oldest are signed out.
    private const int Most = 10_000;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private readonly MemoryCache _tickets = new(Options.Create(new MemoryCacheOptions { SizeLimit = Most }));

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
            Size = 1, AbsoluteExpiration = ticket.Properties.ExpiresUtc ?? time.GetUtcNow() + Longest,
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
