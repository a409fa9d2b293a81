using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Payments, shops, banks, exchanges.</summary>
internal static class Payment
{
    public static readonly RedactionPattern[] All =
    [
        Token("Stripe", ["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_", "sk_org_"], "[A-Za-z0-9_]{10,}"),
        Token("Stripe, ephemeral", ["ek_live_", "ek_test_"], "[A-Za-z0-9_]{20,}"),
        // Of an intent or a source; which one it is of stays.
        After("Stripe client secret", ["_secret_"], "(?<secret>[A-Za-z0-9_]{20,})", isMeant: secret =>
            secret.Length == 25 ? CredentialValue.MayBeRandom(secret) : CredentialValue.IsRandom(secret)),
        Token("Shopify", ["shpat_", "shpca_", "shppa_", "shpss_", "shpua_", "shptka_", "shprt_"], "[A-Fa-f0-9]{32}"),
        Token("Square", ["sq0atp-", "sq0csp-", "sq0acp-"], "[A-Za-z0-9_-]{22,}"),
        Word("Square access token", ["EAAA"], "[A-Za-z0-9_-]{56,}"),
        Token("PayPal Braintree", ["access_token$production$", "access_token$sandbox$"], @"[a-z0-9]{16}\$[a-f0-9]{32}"),
        Assigned("Braintree", ["braintree"], "[a-f0-9]{32}"),
        Token("PayPal access token", ["A21AA"], "[A-Za-z0-9_-]{80,}"),
        Assigned("PayPal", ["paypal"], "[A-Za-z0-9_-]{80}"),
        Token("Plaid", ["access-sandbox-", "access-development-", "access-production-"],
            "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Assigned("Plaid", ["plaid"], "[a-z0-9]{30}|[a-z0-9]{24}"),
        Token("Paddle", ["pdl_live_apikey_", "pdl_sdbx_apikey_", "pdl_ntfset_"], "[A-Za-z0-9_+/]{20,}"),
        Assigned("Adyen", ["adyen"], "AQE[A-Za-z0-9+/=._:<>(){}!-]{40,}"),
        Word("Adyen", ["AQE"], "[a-z]{2,4}[A-Za-z0-9+/]{30,}={0,2}-[A-Za-z0-9+/=]{20,}-[^\\s\"'\\\\]{8,}"),
        Token("Checkout.com", ["sk_sbox_"], "[A-Za-z0-9_*-]{20,}"),
        Exact("Mollie", "live_", "[A-Za-z0-9]{30}"),
        Word("Mollie, GoCardless, Lob", ["live_", "test_"], "[A-Za-z0-9_-]{30,45}", isMeant: CredentialValue.IsRandom),
        Assigned("GoCardless", ["gocardless"], "sandbox_[A-Za-z0-9_-]{40}"),
        Assigned("Razorpay", ["razorpay"], "[A-Za-z0-9]{24}"),
        Token("Flutterwave", ["FLWSECK-", "FLWSECK_TEST-"], "[A-Za-z0-9]{12,}(?:-X)?"),
        Token("EasyPost", ["EZAK", "EZTK"], "[A-Za-z0-9]{54}"),
        Token("Shippo", ["shippo_live_", "shippo_test_"], "[a-f0-9]{40}"),
        Token("Duffel", ["duffel_live_", "duffel_test_"], "[A-Za-z0-9_=-]{43}"),
        After("RPC node",
            [".alchemy.com/v2/", ".alchemyapi.io/v2/", ".infura.io/v3/", ".infura.io/ws/v3/", ".quiknode.pro/", ".p2pify.com/",
            "core.chainstack.com/", ".blastapi.io/", "go.getblock.io/", "gateway.tenderly.co/"], "(?<secret>[A-Za-z0-9_-]{20,})"),
        After("RPC node", ["rpc.ankr.com/"], "[a-z0-9_]+/(?<secret>[a-f0-9]{64})"),
        Token("eBay", ["v^1.1#i^1"], "[A-Za-z0-9^#+/=]{100,}"),
        Assigned("FreshBooks", ["freshbooks"], "[a-z0-9]{64}"),
        Assigned("Etsy", ["etsy"], "[a-z0-9]{24}"),
        Assigned("Finicity", ["finicity"], "[a-f0-9]{32}|[a-z0-9]{20}"),
        Assigned("Coinbase", ["coinbase"], "[A-Za-z0-9_-]{64}"),
        Assigned("Kraken", ["kraken"], "[A-Za-z0-9/=+_-]{80,90}"),
        Assigned("KuCoin", ["kucoin"], "[a-f0-9]{24}|[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Assigned("Bittrex", ["bittrex"], "[a-z0-9]{32}"),
        Assigned("Binance", ["binance"], "[A-Za-z0-9]{64}"),
        Found("MaxMind", ["_mmk"], (text, at) => Around(text, at, 4, 40..40, 0..0)),
        Token("Intra42", ["s-s4t2ud-", "s-s4t2af-"], "[a-f0-9]{64}"),
        Assigned("Chargebee", ["chargebee"], "(?:live|test)_[A-Za-z0-9]{30,}"),
        Assigned("BigCommerce", ["bigcommerce"], "[a-z0-9]{31}"),
        Assigned("WooCommerce", ["woocommerce", "woo_"], "c[sk]_[a-f0-9]{40}"),
    ];
}
