using Aspire.Webhooks.Bench;

return args switch
{
    [FairnessBench.Name, .. var options] => await FairnessBench.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project Bench -- {FairnessBench.Name} [seconds per phase]");
    return 2;
}
