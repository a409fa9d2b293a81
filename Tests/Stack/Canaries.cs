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

    private static string Text(int length, string alphabet = Alphanumeric) => RandomNumberGenerator.GetString(alphabet, length);
}
