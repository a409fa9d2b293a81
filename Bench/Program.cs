using System.CommandLine;
using Aspire.Webhooks.Bench;
using Aspire.Webhooks.Bench.Parts;
using Aspire.Webhooks.ServiceDefaults;

var root = new RootCommand("Measures, each time as a ratio within one run where there is something to compare with.");
Part[] parts =
[
    AcceptPart.Create(), DrainPart.Create(), LatencyPart.Create(), SustainedPart.Create(), DeliverPart.Create(),
    ChainPart.Create(), OverloadPart.Create(), GrowthPart.Create(), RedactPart.Create(), StartPart.Create(),
    FairnessPart.Create(), PagesPart.Create(), EndurePart.Create(),
];
foreach (var command in Part.Commands(parts).Append(Verifier.Create()).Append(PostLoop.Create()).Append(Recall.Create()))
{
    root.Add(command);
}

return await CommandLine.RunAsync(root, args);
