using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Clouds, hosters, databases, secret stores.</summary>
internal static class Cloud
{
    private const string Uuid = "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}";

    public static readonly RedactionPattern[] All =
    [
        // The documentation's end so.
        Word("AWS access key", ["AKIA", "ASIA", "ABIA", "ACCA"], "[A-Z0-9]{16}", isMeant: key => !key.EndsWith("EXAMPLE")),
        Token("AWS Bedrock", ["ABSK"], "[A-Za-z0-9+/]{100,}={0,2}"),
        Token("AWS Bedrock, short-lived", ["bedrock-api-key-"], "[A-Za-z0-9+/=_-]{40,}"),
        // Temporary credentials, by how the service begins them.
        Token("AWS session token", ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz"], "[A-Za-z0-9+/=]{100,}"),
        Assigned("AWS", ["aws_secret", "aws-secret", "awssecret"], "[A-Za-z0-9+/]{40}"),
        Token("Amazon MWS", ["amzn.mws."], Uuid),
        Token("Amazon Selling Partner", ["amzn1.oa2-cs.v1."], "[a-f0-9]{64}"),
        Token("Login with Amazon", ["Atzr|", "Atza|"], "[A-Za-z0-9_-]{60,}"),
        // Also what base64 can hold.
        Exact("Google API key", "AIza", "[A-Za-z0-9_-]{35}", notAfter: IsBase64, notBefore: IsBase64),
        Token("Gemini API key", ["AQ.Ab"], "[A-Za-z0-9_-]{40,}"),
        // The sender's id before the mark stays.
        Token("Firebase Cloud Messaging", [":APA91b"], "[A-Za-z0-9_-]{100,}"),
        Token("Google OAuth client", ["GOCSPX-"], "[A-Za-z0-9_-]{28}"),
        Word("Google access token", ["ya29."], "[A-Za-z0-9_.-]{20,}"),
        Word("Google refresh token", ["1//0"], "[A-Za-z0-9_-]{30,}"),
        Word("Google authorization code", ["4/0A"], "[A-Za-z0-9_-]{40,}"),
        Word("Firebase refresh token", ["AMf-v"], "[A-Za-z0-9_-]{80,}"),
        // Three characters before the mark stay: the search begins at the mark.
        Token("Azure AD client secret", ["7Q~", "8Q~", "9Q~"], "[A-Za-z0-9_.~-]{31,34}"),
        After("Azure shared access signature", ["?sig=", "&sig=", ";sig=", "026sig="], "(?<secret>[A-Za-z0-9%+/_-]{30,}={0,2})"),
        After("presigned URL", ["?signature=", "&signature="], "(?<secret>[A-Za-z0-9%+/~_-]{27,}={0,2})"),
        After("presigned URL", ["x-amz-signature=", "x-goog-signature=", "x-amz-security-token="],
            "(?<secret>[A-Za-z0-9%+/_-]{30,}={0,2})"),
        // Keys that Azure signs have a mark near their end.
        Found("Azure key",
            ["AzCa", "AzFu", "AzSe", "+ASt", "ACDb", "+ABa", "+AEh", "+ASb", "+ARm", "AIoT", "+ACR", "AZEG", "AZDO", "APIM",
            "JQQJ9"],
            (text, at) => Around(text, at, 4, 37..96, 4..32)),
        Assigned("Azure", ["azure"], "[A-Za-z0-9+/]{86}==|[a-z0-9]{52}|[A-Za-z0-9]{84}"),
        Token("Baidu Cloud", ["bce-v3/ALTAK-"], "[A-Za-z0-9]{20,}/[a-f0-9]{40}"),
        Word("Alibaba Cloud access key", ["LTAI"], "[A-Za-z0-9]{12,}"),
        Assigned("Alibaba Cloud", ["alibaba", "aliyun"], "[A-Za-z0-9]{30}"),
        Word("Tencent Cloud", ["AKID"], "[A-Za-z0-9]{32}"),
        Assigned("Tencent Cloud", ["tencent", "qcloud"], "[A-Za-z0-9]{32}"),
        Word("Yandex Cloud", ["AQVN"], "[A-Za-z0-9_-]{35,}"),
        Word("Yandex Cloud access key", ["YCAJ"], "[A-Za-z0-9_-]{21,}"),
        Token("Yandex", ["y0_", "t1.9eu"], "[A-Za-z0-9_.=-]{40,}"),
        Assigned("IBM Cloud", ["ibmcloud", "ibm_cloud", "bluemix"], "[A-Za-z0-9_-]{44}"),
        Token("DigitalOcean", ["dop_v1_", "doo_v1_", "dor_v1_"], "[a-f0-9]{64}"),
        Token("DigitalOcean Spaces", ["DO00"], "[A-Z0-9]{16}"),
        Token("Heroku", ["HRKU-"], "[A-Za-z0-9_-]{36,}"),
        Assigned("Heroku", ["heroku"], $"(?i:{Uuid})"),
        Assigned("Linode", ["linode"], "[a-f0-9]{64}"),
        Assigned("Vultr", ["vultr"], "[A-Z0-9]{36}"),
        Assigned("Hetzner", ["hetzner", "hcloud"], "[A-Za-z0-9]{64}"),
        Assigned("Scaleway", ["scaleway", "scw_"], Uuid),
        Token("Scalingo", ["tk-us-", "tk-eu-"], "[A-Za-z0-9_-]{48}"),
        Token("Fly.io", ["fo1_", "fm1_", "fm1r_", "fm2_", "fm1a_"], "[A-Za-z0-9+/=_-]{43,}"),
        Token("Render", ["rnd_"], "[A-Za-z0-9]{28,}"),
        Token("Netlify", ["nfp_", "nfc_", "nfo_", "nfb_"], "[A-Za-z0-9_-]{36,}"),
        Assigned("Netlify", ["netlify"], "[A-Za-z0-9_-]{43,46}"),
        Token("Vercel", ["vcp_", "vci_", "vca_", "vcr_", "vck_", "vercel_blob_rw_"], "[A-Za-z0-9_]{24,}"),
        Assigned("Vercel", ["vercel"], "[A-Za-z0-9]{24}"),
        Token("Cloudflare", ["cfut_", "cfat_", "cfk_"], "[A-Za-z0-9_-]{32,}"),
        Assigned("Cloudflare", ["cloudflare", "cf_api", "cf-api"], "[A-Za-z0-9_-]{40}|[a-f0-9]{37}"),
        Token("Cloudflare origin CA", ["v1.0-"], "[a-f0-9]{24}-[a-f0-9]{146}"),
        Assigned("Fastly", ["fastly"], "[A-Za-z0-9_-]{32}"),
        Assigned("Akamai", ["akamai", "akab-"], "[A-Za-z0-9+/]{43}="),
        Token("Tailscale", ["tskey-"], "[a-z]{2,10}-[A-Za-z0-9]{8,}(?:-[A-Za-z0-9]{16,})?"),
        Assigned("ngrok", ["ngrok"], "[A-Za-z0-9_]{40,60}"),
        Word("Pulumi", ["pul-"], "[a-f0-9]{40}"),
        // The random part before the mark stays.
        Token("HashiCorp Terraform", [".atlasv1."], "[A-Za-z0-9_=-]{60,}"),
        Word("HashiCorp Vault", ["hvs.", "hvb.", "hvr."], "[A-Za-z0-9_-]{24,}"),
        After("HashiCorp Vault, before 1.10", ["VAULT_TOKEN"], """["']?[ \t]*[:=][ \t]*["']?(?<secret>[sbr]\.[A-Za-z0-9]{24})"""),
        Token("Doppler", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
            @"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
        Token("Infisical", ["st."], @"[a-f0-9]{24}\.[a-f0-9]{32,64}\.[a-f0-9]{32}"),
        Token("OpenShift", ["sha256~"], "[A-Za-z0-9_-]{43}"),
        Token("Docker Swarm", ["SWMTKN-1-"], "[a-z0-9]{40,}-[a-z0-9]{20,}"),
        Word("K3s", ["K10"], "[a-f0-9]{64}::(?:[a-z0-9]+:)?[A-Za-z0-9.]{16,}"),
        Word("Rancher", ["token-"], "[a-z0-9]{5}:[a-z0-9]{54}"),
        Token("PlanetScale", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], "[A-Za-z0-9_=.-]{32,}"),
        Token("Supabase", ["sbp_", "sb_secret_"], "[A-Za-z0-9_-]{20,}"),
        Token("Neon", ["napi_"], "[a-z0-9]{40,}"),
        Token("MongoDB Atlas", ["mdb_sa_sk_"], "[A-Za-z0-9_-]{36,}"),
        Word("Databricks", ["dapi"], "[a-f0-9]{32}(?:-[0-9])?"),
        Word("Databricks OAuth", ["dose"], "[a-f0-9]{32}"),
        Token("Confluent", ["cflt"], "[A-Za-z0-9+/]{60}"),
        Assigned("Confluent", ["confluent"], "[A-Za-z0-9+/]{64}|[A-Z0-9]{16}"),
        Word("ClickHouse Cloud", ["4b1d"], "[A-Za-z0-9]{38}"),
        Assigned("Snowflake", ["snowflake"], "[A-Za-z0-9_-]{40,}"),
        Assigned("Algolia", ["algolia"], "[a-z0-9]{32}"),
        Assigned("Elastic", ["elastic"], "[A-Za-z0-9_-]{20,}={1,2}|[A-Za-z0-9+/]{58,}={0,2}"),
        Token("Elastic Cloud", ["essu_"], "[A-Za-z0-9=_-]{40,}"),
        Token("Mapbox", ["sk.eyJ", "tk.eyJ"], @"[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{20,}"),
    ];
}
