namespace Aspire.Webhooks.Receiver.Documentation;

/// <summary>What an endpoint reads from a JSON body by itself; part of its metadata.</summary>
public sealed record RequestBodyType(Type Type);
