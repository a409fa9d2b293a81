extern alias Console;

using System.Text.Json;
using Aspire.Webhooks.Receiver.Sources;
using Aspire.Webhooks.Sender.Delivery;
using Aspire.Webhooks.ServiceDefaults;
using Aspire.Webhooks.Tests.Stack;
using Aspire.Webhooks.Worker.Events;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Webhooks.Tests.Unit.Documentation;

/// <summary>docs/settings.md and docs/routes.md are what eng/docs.sh writes, from their mark to their end.</summary>
public sealed class GeneratedPagesTests
{
    private const string Mark = "<!-- From here on eng/docs.sh writes. -->\n";

    [Fact]
    public async Task The_page_of_settings_has_what_the_options_classes_say()
    {
        var sections = new List<(string, OptionsSection)>();
        await ForEachServiceAsync((service, services, _) =>
        {
            sections.AddRange(services.GetServices<OptionsSection>().Select(section => (service, section)));
            return Task.CompletedTask;
        });

        await AssertPageAsync("settings.md", SettingsPage.Of(sections));
    }

    [Fact]
    public async Task The_page_of_routes_has_what_the_OpenAPI_documents_say()
    {
        var documents = new List<(string, JsonElement)>();
        await ForEachApiAsync(
            async (service, _, client) => documents.Add((service, await client.OkAsync("/openapi/v1.json"))));

        await AssertPageAsync("routes.md", RoutesPage.Of(documents));
    }

    [Fact]
    public async Task Each_setting_has_a_sentence()
    {
        var undocumented = new List<string>();
        await ForEachServiceAsync((_, services, _) =>
        {
            var page = SettingsPage.Of([.. services.GetServices<OptionsSection>().Select(section => ("x", section))]);
            undocumented.AddRange(page.Split('\n').Where(line => line.EndsWith("|  |", StringComparison.Ordinal)));
            return Task.CompletedTask;
        });

        Assert.Empty(undocumented);
    }

    [Fact]
    public async Task A_service_knows_the_sections_of_the_others()
    {
        var sections = new List<string>();
        await ForEachServiceAsync((_, services, _) =>
        {
            sections.AddRange(services.GetServices<OptionsSection>().Select(section => section.Path));
            return Task.CompletedTask;
        });

        Assert.Equal(
            sections.Where(path => path.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            OptionsRegistration.Sections.Select(section => $"Webhooks:{section}").Order(StringComparer.Ordinal));
    }

    private static async Task AssertPageAsync(string name, string expected)
    {
        var file = Path.Combine(Repository.Folder, "docs", name);
        var page = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
        var start = page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        if (Environment.GetEnvironmentVariable("WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(file, $"{page[..start]}\n{expected}", TestContext.Current.CancellationToken);
            return;
        }

        Assert.True(start >= Mark.Length, $"{file} has no mark");
        Assert.True($"\n{expected}" == page[start..], $"docs/{name} is not what eng/docs.sh writes: run it.");
    }

    private static async Task ForEachServiceAsync(Func<string, IServiceProvider, HttpClient, Task> act)
    {
        await ForEachApiAsync(act);
        await ForServiceAsync<Console::Aspire.Webhooks.Console.Access.ConsoleOptions>("Console", act);
    }

    private static async Task ForEachApiAsync(Func<string, IServiceProvider, HttpClient, Task> act)
    {
        await ForServiceAsync<SourceCatalog>("Receiver", act);
        await ForServiceAsync<PlaybookCatalog>("Worker", act);
        await ForServiceAsync<DeliveryClient>("Sender", act);
    }

    private static async Task ForServiceAsync<TMarker>(string name, Func<string, IServiceProvider, HttpClient, Task> act)
        where TMarker : class
    {
        await using var service = new IdleService<TMarker>();
        using var client = service.CreateClient();
        await act(name, service.Services, client);
    }

    /// <summary>A service from its own Program.cs, as in production, that only answers: it needs no stores.</summary>
    private sealed class IdleService<TMarker> : WebApplicationFactory<TMarker>
        where TMarker : class
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment(Environments.Production);
            builder.UseSetting("hostBuilder:reloadConfigOnChange", "false");
            builder.UseSetting("ConnectionStrings:webhooks", "Host=127.0.0.1;Port=1");
            builder.UseSetting("ConnectionStrings:redis", "127.0.0.1:1,abortConnect=false");
            builder.ConfigureLogging(logging => logging.ClearProviders());
            builder.ConfigureTestServices(services =>
            {
                // All but the server itself.
                foreach (var hosted in services.Where(service => service.ServiceType == typeof(IHostedService)).ToList())
                {
                    if (hosted.ImplementationType?.Name != "GenericWebHostService")
                    {
                        services.Remove(hosted);
                    }
                }
            });
        }
    }
}
