using System.Security.Cryptography;

namespace Aspire.Webhooks.Tests.Stack;

/// <summary>Made-up credentials of known shapes, put together here so that no scanner finds one in the repository.</summary>
public static class Canaries
{
    private const string Digits = "0123456789";
    private const string Hexadecimal = Digits + "abcdef";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Alphanumeric = Digits + Upper + Lower;

    /// <summary>By what they are of.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Adafruit"] = $"aio_{Text(28)}",
        ["Age"] = $"AGE-SECRET-KEY-1{Text(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}",
        ["Anthropic"] = $"sk-ant-api03-{Text(93)}AA",
        ["Atlassian"] = $"ATATT3{Text(186)}",
        ["AWS"] = $"AKIA{Text(16, Upper + "234567")}",
        ["DigitalOcean"] = $"dop_v1_{Text(64, Hexadecimal)}",
        ["Doppler"] = $"dp.pt.{Text(43)}",
        ["Docker"] = $"dckr_pat_{Text(27)}",
        ["Figma"] = $"figd_{Text(40)}",
        ["GitHub"] = $"ghp_{Text(36)}",
        ["GitHub, fine-grained"] = $"github_pat_{Text(22)}_{Text(59)}",
        ["GitLab"] = $"glpat-{Text(20)}",
        ["Google"] = $"AIza{Text(35)}",
        ["Grafana"] = $"glsa_{Text(32)}_{Text(8, Hexadecimal)}",
        ["Hugging Face"] = $"hf_{Text(34, Upper + Lower)}",
        ["JWT"] = $"eyJ{Text(33)}.eyJ{Text(60)}.{Text(43)}",
        ["Linear"] = $"lin_api_{Text(40)}",
        ["New Relic"] = $"NRAK-{Text(27, Upper + Digits)}",
        ["npm"] = $"npm_{Text(36)}",
        ["OpenAI"] = $"sk-proj-{Text(48)}",
        ["Postman"] = $"PMAK-{Text(24, Hexadecimal)}-{Text(34, Hexadecimal)}",
        ["Pulumi"] = $"pul-{Text(40, Hexadecimal)}",
        ["PyPI"] = $"pypi-AgEIcHlwaS5vcmc{Text(60)}",
        ["RubyGems"] = $"rubygems_{Text(48, Hexadecimal)}",
        ["SendGrid"] = $"SG.{Text(22)}.{Text(43)}",
        ["Shopify"] = $"shpat_{Text(32, Hexadecimal)}",
        ["Slack"] = $"xoxb-{Text(12, Digits)}-{Text(12, Digits)}-{Text(24)}",
        ["Square"] = $"sq0atp-{Text(22)}",
        ["Standard Webhooks"] = $"whsec_{Text(32)}",
        ["Stripe"] = $"sk_live_{Text(24)}",
        ["Telegram"] = $"{Text(10, Digits)}:AA{Text(33)}",
        ["Vault"] = $"hvs.{Text(96)}",
    };

    /// <summary>
    /// What gives a credential away that has no shape: its name and the structure in which it stands. § is the credential.
    /// </summary>
    private static readonly string[] Structures =
    [
        "Authorization: SSWS §",
        "Proxy-Authorization: Hawk id=\"1\", mac=\"§\"",
        "Set-Cookie: theme=dark; sid=§; Path=/; HttpOnly",
        "curl -H 'X-Api-Key: §' https://example.com/",
        "<wsse:Password Type=\"PasswordText\">§</wsse:Password>",
        "<add key=\"ApiKey\" value=\"§\"/>",
        "<key>password</key><string>§</string>",
        """{"value":"§","name":"DB_PASSWORD"}""",
        """{"password":{"S":"§"},"user":{"S":"bob"}}""",
        """{"key":"api.key","value":{"stringValue":"§"}}""",
        """{"pass\u0077ord":"§"}""",
        """["X-Api-Key","§"]""",
        "set(\"X_TOKEN\", \"§\")",
        "- name: DB_PASSWORD\n  value: §",
        "Content-Disposition: form-data; name=\"password\"\r\n\r\n§\r\n--boundary",
        "SECRET_KEY_BASE=§",
        "JSESSIONID=§",
        "client_assertion: §",
        "token ??= \"§\"",
        "| Token | § |",
        "user;password\nbob;§",
        "curl -u bob:§ https://example.com/",
        "mysql -u root -p§ shop",
        "create user bob identified by '§'",
        "insert into users (name, password) values ('bob', '§')",
        "requirepass §",
        "openssl rsa -in key.pem -passin pass:§",
        "Server=example.com;Pwd=§;Encrypt=true",
        "jdbc:oracle:thin:scott/§@example.com:1521:shop",
        "https://example.com/?next=https%3A%2F%2Fexample.org%2F%3Ftoken%3D§%26page%3D2",
        "user%5Bpassword%5D=§",
        "https://§@example.com/",
        """{"token":"§","message":"bad token §"}""",
    ];

    /// <summary>Texts with credentials that have no shape, by what gives them away.</summary>
    public static IReadOnlyList<(string Structure, string Text, string Secret)> Structured { get; } =
        [.. Structures.Select(structure => (structure, Mixed())).Select(
            pair => (pair.structure, pair.structure.Replace("§", pair.Item2, StringComparison.Ordinal), pair.Item2))];

    // As random as it has to look, whatever the dice say.
    private static string Mixed() =>
        string.Concat(Enumerable.Range(0, 8).Select(_ => Text(1, Upper) + Text(1, Lower) + Text(1, Digits)));

    private static string Text(int length, string alphabet = Alphanumeric) => RandomNumberGenerator.GetString(alphabet, length);
}
