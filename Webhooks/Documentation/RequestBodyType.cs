namespace Aspire.Webhooks.Documentation;

/// <summary>What an endpoint reads from a JSON body by itself; part of its metadata.</summary>
public sealed record RequestBodyType(Type Type);

/// <summary>What an endpoint's query parameter <c>state</c> means; part of its metadata.</summary>
/// <param name="Meaning">A sentence.</param>
/// <param name="Names">What it can be.</param>
public sealed record StateParameter(string Meaning, IReadOnlyList<string> Names);
