namespace Aspire.Webhooks.Egress;

/// <summary>An outgoing connection was refused before anything was sent.</summary>
public sealed class EgressRefusedException(string message) : Exception(message);
