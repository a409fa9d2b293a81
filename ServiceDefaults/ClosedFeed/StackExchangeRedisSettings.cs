namespace Aspire.StackExchange.Redis;

/// <summary>How <c>AddRedisClient</c> sets up the client.</summary>
public sealed class StackExchangeRedisSettings
{
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }
}
