namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Names whose value is a credential: of fields, of settings, and of what is assigned in a text.</summary>
internal static class CredentialName
{
    private static readonly string[] Nouns = ["authorization", "token", "secret", "password", "passwd", "passphrase"];

    // A public key, a primary key and a deploy key are none.
    private static readonly string[] Keys =
        ["api", "access", "secret", "private", "account", "signing", "encryption", "auth", "app", "application", "master",
            "license"];

    // Headers, which text mentions without giving them a value.
    private static readonly string[] Ends = [.. Nouns, .. Keys.Select(owner => owner + "key"), "cookie"];

    /// <summary>How the names are written in text, in lower case.</summary>
    public static readonly string[] Spellings =
        [.. Nouns, .. Keys.SelectMany(owner => (string[])[$"{owner}key", $"{owner}-key", $"{owner}_key"])];

    /// <summary>Whether a name says that its value is a credential: <c>Authorization</c>, <c>access_token</c>, <c>X-Api-Key</c>,
    /// <c>WebhookSecret</c>. Only its end counts; a <c>token_type</c> is none.</summary>
    public static bool Is(ReadOnlySpan<char> name)
    {
        foreach (var end in Ends)
        {
            if (EndsWith(name, end))
            {
                return true;
            }
        }

        return false;
    }

    // Separators do not count: api-key, api_key, Api Key and apiKey are one name.
    private static bool EndsWith(ReadOnlySpan<char> name, string end)
    {
        var left = end.Length;
        for (var at = name.Length - 1; at >= 0 && left > 0; at--)
        {
            if (name[at] is '-' or '_' or '.' or ' ')
            {
                continue;
            }

            if (char.ToLowerInvariant(name[at]) != end[left - 1])
            {
                return false;
            }

            left--;
        }

        return left == 0;
    }
}
