using System.CommandLine;
using Aspire.Webhooks.Bench;
using Aspire.Webhooks.ServiceDefaults;

return await CommandLine.RunAsync(new RootCommand("Measures, each time as a ratio.") { FairnessBench.Create() }, args);
