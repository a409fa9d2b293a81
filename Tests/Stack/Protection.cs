using System.Collections.Concurrent;
using Aspire.Webhooks.Sender.Endpoints;
using Aspire.Webhooks.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>What encrypts endpoints' secrets as the Sender of a database does, with the same keys.</summary>
public static class Protection
{
    private static readonly ConcurrentDictionary<string, SecretProtection> All = new(StringComparer.Ordinal);

    public static SecretProtection Of(string database) => All.GetOrAdd(database, Create);

    private static SecretProtection Create(string database)
    {
        var services = new ServiceCollection();
        services.AddDbContext<WebhooksDb>(options => options.UseNpgsql(database).UseWebhooksNames());
        services.AddDataProtection().SetApplicationName("Aspire.Webhooks").PersistKeysToDbContext<WebhooksDb>();
        return new(services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>());
    }
}
