using Aspire.Webhooks.Egress;

namespace Aspire.Webhooks.Tests.Unit.Egress;

public sealed class UrlTextTests
{
    [Theory]
    [InlineData("https://hooks.example.com", "https://hooks.example.com")]
    [InlineData("https://hooks.example.com/a/b", "https://hooks.example.com/a/b")]
    [InlineData("https://hooks.example.com/a?token=x", "https://hooks.example.com/a?***")]
    [InlineData("https://hooks.example.com/a#x", "https://hooks.example.com/a?***")]
    [InlineData("https://hooks.example.com?token=x", "https://hooks.example.com?***")]
    [InlineData("https://user:pw@hooks.example.com/a", "https://***@hooks.example.com/a")]
    [InlineData("https://a@b@hooks.example.com", "https://***@hooks.example.com")]
    [InlineData("https://hooks.example.com/@user", "https://hooks.example.com/@user")]
    [InlineData("https://user@hooks.example.com/a@b?c=d@e", "https://***@hooks.example.com/a@b?***")]
    [InlineData("https://hooks.example.com/a?b://c", "https://hooks.example.com/a?***")]
    [InlineData("hooks.example.com/a?b", "hooks.example.com/a?***")]
    [InlineData("user@hooks.example.com", "***@hooks.example.com")]
    [InlineData("@host", "***@host")]
    [InlineData("://host/a", "://host/a")]
    [InlineData("?token", "?***")]
    [InlineData("", "")]
    public void A_masked_URL_shows_where_it_leads_without_user_and_query(string url, string expected) =>
        Assert.Equal(expected, UrlText.Masked(url));
}
