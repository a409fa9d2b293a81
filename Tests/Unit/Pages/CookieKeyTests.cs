extern alias Console;

using System.Security.Cryptography;
using Console::Aspire.Webhooks.Console;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.Webhooks.Tests.Unit.Pages;

/// <summary>What one Console protects, another reads, if both have the same secret.</summary>
public sealed class CookieKeyTests
{
    private static readonly string Key = new('k', 32);

    [Fact]
    public void Replicas_with_the_same_key_read_each_other_s_cookies() =>
        Assert.Equal("a cookie", Protector(Key).Unprotect(Protector(Key).Protect("a cookie")));

    [Theory]
    [InlineData("another key of at least 32 characters")]
    [InlineData("")]
    [InlineData(null)]
    public void Without_the_same_key_they_do_not(string? other)
    {
        var cookie = Protector(Key).Protect("a cookie");

        Assert.Throws<CryptographicException>(() => Protector(other).Unprotect(cookie));
    }

    [Fact]
    public void Without_a_key_each_process_has_its_own()
    {
        var protector = Protector(null);
        var cookie = protector.Protect("a cookie");

        Assert.Equal("a cookie", protector.Unprotect(cookie));
        Assert.Throws<CryptographicException>(() => Protector(null).Unprotect(cookie));
    }

    [Fact]
    public void A_short_key_is_an_error_that_does_not_quote_it()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => Protector("short-key"));

        Assert.Contains("Webhooks:Console:CookieKey", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short-key", exception.Message, StringComparison.Ordinal);
    }

    private static IDataProtector Protector(string? key)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["Webhooks:Console:CookieKey"] = key;
        builder.AddConsole();
        return builder.Build().Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies");
    }
}
