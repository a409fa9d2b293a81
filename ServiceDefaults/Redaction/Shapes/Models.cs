using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Providers of models and of what agents use.</summary>
internal static class Models
{
    public static readonly RedactionPattern[] All =
    [
        // A letter before would make it an ordinary word: "task-", "disk-", "risk-". Also Anthropic, DeepSeek, OpenRouter,
        // Langfuse, Helicone, LiteLLM and others who took the prefix over.
        Word("OpenAI", ["sk-"],
            "(?:[a-z]{2,10}(?:-[a-z0-9]{1,12}){0,2}-[A-Za-z0-9_-]{16,}"
                + "|(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{8,}|[A-Za-z0-9]{8,}[A-Za-z0-9_-]*)",
            notAfter: char.IsAsciiLetter),
        Token("OpenAI session", ["sess-"], "[A-Za-z0-9]{40}"),
        Exact("Hugging Face", "hf_", "[A-Za-z0-9]{34}", notBefore: next => char.IsAsciiLetterOrDigit(next) || next == '_'),
        // Half of its letters are capitals; a name of joined words has few.
        Word("Hugging Face", ["hf_", "api_org_"], "[A-Za-z0-9]{30,}",
            notBefore: next => char.IsAsciiLetterOrDigit(next) || next == '_',
            isMeant: token => CredentialValue.IsRandom(token[(token.LastIndexOf('_') + 1)..])),
        Assigned("Cohere", ["cohere"], "[A-Za-z0-9]{40}"),
        Assigned("Mistral", ["mistral"], "[A-Za-z0-9]{32}"),
        Token("Groq", ["gsk_"], "[A-Za-z0-9]{48,}"),
        Token("xAI", ["xai-"], "[A-Za-z0-9]{60,}"),
        Token("Perplexity", ["pplx-"], "[A-Za-z0-9]{40,}"),
        Token("Replicate", ["r8_"], "[A-Za-z0-9]{37}"),
        Token("Together", ["tgp_v1_"], "[A-Za-z0-9_-]{40,}"),
        Exact("Fireworks", "fw_", "[A-Za-z0-9]{24}"),
        Word("Fireworks", ["fw_"], "[A-Za-z0-9]{22,30}", isMeant: CredentialValue.IsRandom),
        Token("Cerebras", ["csk-"], "[a-z0-9]{40,}"),
        Token("NVIDIA", ["nvapi-"], "[A-Za-z0-9_-]{60,}"),
        Assigned("Voyage", ["voyage"], "pa-[A-Za-z0-9_-]{43}"),
        Token("ElevenLabs", ["sk_"], "[a-f0-9]{40,}"),
        Token("Jina", ["jina_"], "[A-Za-z0-9_-]{40,}"),
        Assigned("AssemblyAI", ["assemblyai", "assembly_ai"], "[a-f0-9]{32}"),
        Assigned("Deepgram", ["deepgram"], "[a-f0-9]{40}"),
        Assigned("AI21", ["ai21"], "[A-Za-z0-9]{32}"),
        Assigned("Azure OpenAI", ["azure_openai", "azure-openai", "azureopenai"], "[a-f0-9]{32}"),
        Token("LangSmith", ["lsv2_pt_", "lsv2_sk_", "ls__"], "[a-f0-9]{32}(?:_[a-f0-9]{10})?"),
        Token("Pinecone", ["pcsk_"], "[A-Za-z0-9_]{40,}"),
        Assigned("Weights & Biases", ["wandb"], "[a-f0-9]{40}"),
        Token("Weights & Biases", ["wandb_v1_"], "[A-Za-z0-9_]{40,}"),
        Token("RunPod", ["rpa_"], "[A-Z0-9]{40,}"),
        Token("Tavily", ["tvly-"], "(?:dev-|prod-)?[A-Za-z0-9_-]{32,}"),
        Word("Firecrawl", ["fc-"], "[a-f0-9]{32}"),
        Token("E2B", ["e2b_"], "[a-f0-9]{40}"),
        Token("Browserbase", ["bb_live_"], "[A-Za-z0-9_-]{20,}"),
        Token("Apify", ["apify_api_"], "[A-Za-z0-9]{36}"),
        Token("Daytona", ["dtn_"], "[a-f0-9]{64}"),
        Assigned("Modal", ["modal_", "modal-"], "a[ks]-[A-Za-z0-9]{22}"),
    ];
}
