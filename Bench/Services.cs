namespace Aspire.Webhooks.Bench;

/// <summary>The services, as built, as processes of their own.</summary>
internal static class Services
{
    /// <summary>The Receiver; that of another checkout where one is named.</summary>
    public static Task<ChildProcess> ReceiverAsync(
        Stores stores, Database database, Uri? telemetry = null, string? checkout = null,
        params IEnumerable<(string Key, string Value)> settings) =>
        StartAsync(stores, database, "Receiver", ["exec", Repository.ProgramOf("Receiver", checkout)], Environments.Production,
            telemetry,
        [
            .. settings,
            ($"Webhooks__Sources__{SignedRequests.Source}__Scheme", "provider"),
            // What is signed beforehand is still in time at the end of a long measurement.
            ($"Webhooks__Sources__{SignedRequests.Source}__Tolerance", "01:00:00"),
            ($"WEBHOOK_SECRET_{SignedRequests.Source.ToUpperInvariant()}", SignedRequests.Secret),
        ], checkout);

    /// <summary>The Worker, with one of <see cref="Listeners"/> or none.</summary>
    public static Task<ChildProcess> WorkerAsync(
        Stores stores, Database database, string? listener = null, Uri? telemetry = null,
        params IEnumerable<(string Key, string Value)> settings)
    {
        var worker = Repository.ProgramOf("Worker");
        if (listener is null)
        {
            return StartAsync(stores, database, "Worker", ["exec", worker], Environments.Production, telemetry, settings);
        }

        // The Worker's own Program, beside the assembly that has the listener: ASP.NET Core's hosting start-up adds it.
        string[] arguments =
        [
            "exec", "--runtimeconfig", Path.ChangeExtension(worker, ".runtimeconfig.json"),
            "--depsfile", Path.Combine(AppContext.BaseDirectory, "Bench.deps.json"),
            Path.Combine(AppContext.BaseDirectory, "Worker.dll"),
        ];
        return StartAsync(stores, database, "Worker", arguments, Environments.Production, telemetry,
        [
            .. settings, ("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(Listeners).Assembly.GetName().Name!),
            (Listeners.Variable, listener),
        ]);
    }

    /// <summary>The Sender. In Development: in Production it reaches nothing on loopback, whatever its settings.</summary>
    public static Task<ChildProcess> SenderAsync(
        Stores stores, Database database, Uri? telemetry = null, params IEnumerable<(string Key, string Value)> settings) =>
        StartAsync(stores, database, "Sender", ["exec", Repository.ProgramOf("Sender")], Environments.Development, telemetry,
            settings);

    /// <summary>The Console, which has no stores. In Development: there a link signs in.</summary>
    public static Task<ChildProcess> ConsoleAsync(Stores stores, params IEnumerable<(string Key, string Value)> settings)
    {
        var address = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        return ChildProcess.StartAsync(
            stores.Folder, Path.Combine(Repository.Folder, "Console"), "dotnet", ["exec", Repository.ProgramOf("Console")],
            address, "/health/ready",
            [
                .. settings, ("ASPNETCORE_ENVIRONMENT", Environments.Development), ("ASPNETCORE_URLS", address.ToString()),
            ]);
    }

    private static Task<ChildProcess> StartAsync(
        Stores stores, Database database, string project, IEnumerable<string> arguments, string environment, Uri? telemetry,
        IEnumerable<(string Key, string Value)> settings, string? checkout = null)
    {
        var address = new Uri($"http://127.0.0.1:{Stores.UnusedPort()}");
        (string, string)[] exporter = telemetry is null
            ? []
            : [("OTEL_EXPORTER_OTLP_ENDPOINT", telemetry.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")];

        // Its appsettings are beside its project.
        return ChildProcess.StartAsync(
            stores.Folder, Path.Combine(checkout ?? Repository.Folder, project), "dotnet", arguments, address, "/health/ready",
            [
                .. settings, .. exporter, ("ASPNETCORE_ENVIRONMENT", environment), ("ASPNETCORE_URLS", address.ToString()),
                ("ConnectionStrings__webhooks", database.ConnectionString), ("ConnectionStrings__redis", stores.Redis),
            ]);
    }
}
