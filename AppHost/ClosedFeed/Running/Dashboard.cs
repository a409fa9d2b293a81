namespace Aspire.Hosting.Running;

/// <summary>Aspire's dashboard, which comes from npm where its NuGet package is absent.</summary>
internal static class Dashboard
{
    public const string Name = "aspire-dashboard";

    /// <summary>Adds the dashboard ahead of all else, so that it sees the others start and stop.</summary>
    public static void AddTo(DistributedApplicationBuilder builder)
    {
        var executable = Path.GetFullPath(Path.Combine(
            builder.AppHostDirectory, "..", ".tools/dashboard/node_modules/@microsoft/aspire-cli-linux-x64/bin/aspire"));
        if (!File.Exists(executable))
        {
            Console.WriteLine("The Aspire dashboard is not installed (eng/setup.sh does it where there is npm): going on without it.");
            return;
        }

        var ui = Url(builder.Configuration["ASPNETCORE_URLS"], "http://localhost:18888");
        var grpc = Url(builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"], "http://localhost:4317");
        var http = Url(builder.Configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"], "http://localhost:4318");
        if (new[] { ui, grpc, http }.FirstOrDefault(url => !Ports.IsFree(url.Port)) is { } busy)
        {
            Console.WriteLine($"Port {busy.Port} (dashboard) is in use: going on without the dashboard.");
            return;
        }

        var dashboard = builder.AddExecutable(
            Name, executable, builder.AppHostDirectory,
            "dashboard", "run", "--non-interactive", "--nologo", "--allow-anonymous",
            "--frontend-url", Text(ui), "--otlp-grpc-url", Text(grpc), "--otlp-http-url", Text(http));
        dashboard.WithEnvironment("ASPIRE_CLI_TELEMETRY_OPTOUT", "1")
            .WithEnvironment("features__updateNotificationsEnabled", "false")
            .WithHttpEndpoint(ui.Port)
            .WithEndpoint(grpc.Port, "http", "otlp-grpc")
            .WithEndpoint(http.Port, "http", "otlp-http")
            .WithHttpHealthCheck("/");
        builder.Resources.Remove(dashboard.Resource);
        builder.Resources.Insert(0, dashboard.Resource);
    }

    /// <summary>Where services send telemetry; null without a dashboard.</summary>
    public static string? OtlpUrl(DistributedApplicationModel model) =>
        model.Resources.OfType<ExecutableResource>().FirstOrDefault(r => r.Name == Name)?.GetEndpoint("otlp-grpc").Url;

    private static Uri Url(string? configured, string otherwise) =>
        new(string.IsNullOrEmpty(configured) ? otherwise : configured.Split(';')[0]);

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
