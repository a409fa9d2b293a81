namespace Aspire.Webhooks.ServiceDefaults;

/// <summary>The configuration keys that the secrets of a source have by default: for <c>my-shop</c> they end with
/// <c>MY_SHOP</c>.</summary>
public static class SourceKeys
{
    /// <summary>The beginning of the keys of secrets.</summary>
    public const string SecretPrefix = "WEBHOOK_SECRET_";

    /// <summary>Returns the key of the secret of a source; for the command line, that of a scheme.</summary>
    public static string Secret(string name) => $"{SecretPrefix}{Part(name)}";

    /// <summary>Returns the key of the token that a provider shows when it subscribes.</summary>
    public static string VerifyToken(string source) => $"WEBHOOK_VERIFY_TOKEN_{Part(source)}";

    private static string Part(string name) => name.ToUpperInvariant().Replace('-', '_');
}
