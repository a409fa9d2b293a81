using System.CommandLine;
using Aspire.Webhooks.Cli;
using Aspire.Webhooks.ServiceDefaults;

return await CommandLine.RunAsync(
    new RootCommand("Sends and receives signed webhooks by hand.") { SendCommand.Create(), ListenCommand.Create() }, args);
