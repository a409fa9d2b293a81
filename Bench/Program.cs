using System.CommandLine;
using Aspire.Webhooks.Bench;
using Aspire.Webhooks.Bench.Parts;
using Aspire.Webhooks.ServiceDefaults;

var root = new RootCommand("Measures, each time as a ratio within one run where there is something to compare with.");
Part[] parts =
[
    AcceptPart.Create(), DrainPart.Create(), LatencyPart.Create(), SustainedPart.Create(), OverloadPart.Create(), RedactPart.Create(),
    StartPart.Create(),
];
foreach (var command in Part.Commands(parts))
{
    root.Add(command);
}

var verifier = new Command(Verifier.Command) { Hidden = true };
verifier.SetAction(_ => Verifier.RunAsync());
root.Add(verifier);
return await CommandLine.RunAsync(root, args);
