namespace Aspire.Webhooks.Signing;

/// <summary>Requests by which a provider tries out a URL; they are answered, not stored.</summary>
public enum Handshake
{
    None,

    /// <summary>GitHub's <c>ping</c> event.</summary>
    GitHubPing,

    /// <summary>Slack's <c>url_verification</c>: the body's <c>challenge</c> is sent back.</summary>
    SlackUrlVerification,

    /// <summary>Discord's PING: interactions want <c>{"type":1}</c>, webhook events want 204.</summary>
    DiscordPing,

    /// <summary>Meta's GET with <c>hub.verify_token</c> and <c>hub.challenge</c>.</summary>
    MetaSubscription,
}
