using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Aspire.Webhooks.Tests.Stack;
using YamlDotNet.RepresentationModel;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>The manifest that azd reads, the modules in deploy/azure and azure.yaml, held together by Bicep's compiler.</summary>
public sealed class ManifestTests
{
    private static readonly string[] Services = ["receiver", "worker", "sender", "console"];

    [Fact]
    public async Task The_modules_get_the_parameters_and_have_the_outputs_that_the_manifest_names()
    {
        var manifest = await PublishedManifest.GetAsync();

        var compiled = JsonNode.Parse(await BuildAsync(manifest, "main.bicep", AzdFiles.Infrastructure(manifest)))!;

        var deployments = compiled["resources"]!.AsObject()
            .Where(resource => (string?)resource.Value!["type"] == "Microsoft.Resources/deployments");
        Assert.Equal(manifest.OfType("azure.bicep.v0").Count(), deployments.Count());
    }

    [Theory]
    [InlineData("receiver")]
    [InlineData("worker")]
    [InlineData("sender")]
    [InlineData("console")]
    public async Task A_container_app_gets_the_environment_of_its_service(string service)
    {
        var manifest = await PublishedManifest.GetAsync();

        var compiled = JsonNode.Parse(
            await BuildAsync(manifest, $"{service}.bicepparam", AzdFiles.Parameters(manifest, service)))!;

        var parameters = JsonNode.Parse((string)compiled["parametersJson"]!)!["parameters"]!;
        var settings = JsonNode.Parse((string)parameters["settings"]!["value"]!)!.AsObject();
        var references = JsonNode.Parse((string)parameters["references"]!["value"]!)!.AsObject();
        Assert.Equal(
            manifest.VariablesOf(service).Order(StringComparer.Ordinal),
            settings.Concat(references).Select(variable => variable.Key).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
        Assert.All(references, reference => Assert.EndsWith("_SECRETURI", (string)reference.Value!, StringComparison.Ordinal));
        Assert.Equal(service == "sender" ? 1 : 0, JsonNode.Parse((string)parameters["files"]!["value"]!)!.AsObject().Count);
    }

    [Fact]
    public async Task No_secret_is_an_output_or_reaches_a_service_by_its_deployment()
    {
        var manifest = await PublishedManifest.GetAsync();
        var secrets = manifest.OfType("parameter.v0").Where(parameter => IsSecret(parameter.Resource))
            .Select(parameter => parameter.Name).ToList();

        Assert.NotEmpty(secrets);
        Assert.All(secrets, secret =>
        {
            var users = manifest.Resources.Where(resource => resource.Key != secret)
                .Where(resource => resource.Value!.ToJsonString().Contains($"{{{secret}.value}}", StringComparison.Ordinal))
                .Select(resource => Path.GetFileName((string)resource.Value!["path"]!));
            Assert.Equal([$"vault-{secret}.bicep"], users, StringComparer.Ordinal);
        });
        Assert.All(
            Directory.EnumerateFiles(AzureFolder, "*.bicep").SelectMany(File.ReadLines)
                .Where(line => line.StartsWith("output ", StringComparison.Ordinal)),
            output => Assert.DoesNotMatch("(?i)listKeys|connectionString\\b.*properties|password|= value", output));
    }

    [Fact]
    public async Task The_values_of_secrets_in_the_environment_are_not_in_the_manifest() =>
        Assert.DoesNotContain(PublishedManifest.Canary, (await PublishedManifest.GetAsync()).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Only_the_Receiver_and_the_Console_are_reached_from_outside()
    {
        var manifest = await PublishedManifest.GetAsync();

        Assert.Equal(["receiver", "console"], Services.Where(service => manifest.Resources[service]!["bindings"]!.AsObject()
            .Any(binding => (bool?)binding.Value!["external"] == true)), StringComparer.Ordinal);
        Assert.Equal(
            ["true", "false", "false", "true"],
            Services.Select(service => (string)manifest.Resources[service]!["deployment"]!["params"]!["isPublic"]!),
            StringComparer.Ordinal);
    }

    [Fact]
    public async Task There_is_no_Console_unless_the_configuration_has_one()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish", "--step", "publish-manifest"], TestContext.Current.CancellationToken);

        Assert.DoesNotContain(
            builder.Resources, resource => resource.Name.Contains("console", StringComparison.OrdinalIgnoreCase)
                && resource.Name != "consoleUrl");
    }

    [Fact]
    public async Task The_Console_calls_the_services_by_the_names_of_their_apps_with_an_identity_of_its_own()
    {
        var manifest = await PublishedManifest.GetAsync();
        var environment = manifest.Resources["console"]!["env"]!;

        Assert.Equal(
            [
                "https://receiver.PLATFORM_DOMAIN", "https://worker.internal.PLATFORM_DOMAIN",
                "https://sender.internal.PLATFORM_DOMAIN", "https://receiver.PLATFORM_DOMAIN",
            ],
            ((string[])
            [
                "services__receiver__https__0", "services__worker__https__0", "services__sender__https__0",
                "Webhooks__Console__ReceiverUrl",
            ]).Select(name => AzdFiles.Resolved(manifest, "console", (string)environment[name]!)
                .Replace("AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_", "", StringComparison.Ordinal)),
            StringComparer.Ordinal);
        Assert.Equal(
            ["webhooks", "webhooks", "webhooks", "console"],
            Services.Select(service => (string)manifest.Resources[service]!["deployment"]!["params"]!["identityId"]!)
                .Select(id => id.Split('.')[0].Replace("{identity-", "", StringComparison.Ordinal)), StringComparer.Ordinal);
        Assert.Equal("true", (string?)manifest.Resources["console"]!["deployment"]!["params"]!["isSticky"]);
        Assert.Equal(
            ["vault-console-client-secret", "vault-console-cookie-key"],
            manifest.OfType("azure.bicep.v0")
                .Where(module => (string?)module.Resource["params"]!["readerId"] == "{identity-console.outputs.principalId}")
                .Select(module => module.Name), StringComparer.Ordinal);
    }

    // azd writes a default between quotes into a template and into Bicep, and the name as it is.
    [Fact]
    public async Task Each_parameter_says_what_it_is_for_and_only_settings_have_defaults()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--operation", "publish", "--step", "publish-manifest", "--Deployment:Console=true"],
            TestContext.Current.CancellationToken);

        Assert.All(builder.Resources.OfType<ParameterResource>(), parameter =>
            Assert.EndsWith(".", parameter.Description, StringComparison.Ordinal));
        Assert.All((await PublishedManifest.GetAsync()).OfType("parameter.v0"), parameter =>
        {
            var value = AzdFiles.Default(parameter.Resource);
            Assert.Equal(IsSecret(parameter.Resource), value is null);
            Assert.True(value is null || parameter.Name.All(char.IsAsciiLetter), parameter.Name);
            Assert.DoesNotMatch("['\"\\\\{}]", value ?? "");
        });
    }

    [Fact]
    public async Task The_parameters_are_those_of_the_page_about_Azure()
    {
        var page = await File.ReadAllTextAsync(
            Path.Combine(Repository.Folder, "docs", "deploy-azure.md"), TestContext.Current.CancellationToken);

        Assert.All((await PublishedManifest.GetAsync()).OfType("parameter.v0"), parameter =>
            Assert.Contains($"`{parameter.Name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Azd_finds_the_AppHost()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Repository.Folder, "azure.yaml"))));
        var service = yaml.Documents[0].RootNode["services"]["app"];

        Assert.Equal("containerapp", service["host"].ToString());
        Assert.True(File.Exists(Path.Combine(Repository.Folder, service["project"].ToString())));
    }

    private static string AzureFolder => Path.Combine(Repository.Folder, "deploy", "azure");

    private static bool IsSecret(JsonNode parameter) => (bool?)parameter["inputs"]!["value"]!["secret"] == true;

    private static async Task<string> BuildAsync(PublishedManifest manifest, string name, string text)
    {
        File.Copy(
            Path.Combine(AzureFolder, "bicepconfig.json"), Path.Combine(manifest.Folder.FullName, "bicepconfig.json"),
            overwrite: true);
        var file = Path.Combine(manifest.Folder.FullName, name);
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        return await Bicep.BuildAsync(file);
    }
}
