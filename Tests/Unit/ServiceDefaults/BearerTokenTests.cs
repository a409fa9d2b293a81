using Aspire.Webhooks.ServiceDefaults.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

public sealed class BearerTokenTests
{
    // Its keys would be created in the home directory at each start. ASP.NET Core's own AddAuthentication adds it.
    [Fact]
    public void Bearer_tokens_are_checked_without_data_protection()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());

        builder.AddBearerTokens();

        Assert.Contains(builder.Services, service => service.ServiceType == typeof(IAuthenticationService));
        Assert.DoesNotContain(builder.Services, service => service.ServiceType == typeof(IDataProtectionProvider));
    }
}
