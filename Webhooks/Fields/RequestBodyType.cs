namespace Aspire.Webhooks.Fields;

/// <summary>What an endpoint reads from a JSON body by itself; part of its metadata.</summary>
public sealed record RequestBodyType(Type Type);
