using System.CommandLine;
using Aspire.Webhooks.ServiceDefaults;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Webhooks.Storage;

/// <summary><c>migrate</c>: updates the schema and ends, for installations whose services may not.</summary>
public static class MigrateCommand
{
    /// <summary>Creates the command. Its exit code is 0 when the schema is up to date, 1 when it is not.</summary>
    public static Command Create()
    {
        var migrate = new Command("migrate", "Updates the schema of the database and ends.");
        migrate.SetAction((_, cancellationToken) => MigrateAsync(cancellationToken));
        return migrate;
    }

    private static async Task<int> MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
            {
                // The generic host reads only DOTNET_ENVIRONMENT.
                EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"),
            });
            builder.AddServiceDefaults();
            builder.AddWebhookStorage();
            using var host = builder.Build();
            host.ValidateOptions();
            await using var scope = host.Services.CreateAsyncScope();
            await SchemaMigration.MigrateAsync(scope.ServiceProvider.GetRequiredService<WebhooksDb>(), cancellationToken);
            await Console.Out.WriteLineAsync("The schema is up to date.");
            return 0;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // EF wraps the reason when it has tried several times.
            var reason = exception is RetryLimitExceededException { InnerException: { } last } ? last : exception;
            await Console.Error.WriteLineAsync(reason.Message);
            return 1;
        }
    }
}
