using System.Diagnostics;
using System.Text.RegularExpressions;
using Aspire.Webhooks.Tests.Interop;
using Aspire.Webhooks.Tests.Stack;
using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Aspire.Webhooks.Tests.Integration.Deployment;

/// <summary>
/// The files for Compose, Kubernetes and systemd: each is of its kind, and all give a service the environment that the manifest
/// gives it.
/// </summary>
public sealed partial class DeploymentFilesTests
{
    // How a service logs in to Azure's Postgres, and who that is.
    private static readonly string[] OnlyInAzure = ["AZURE_CLIENT_ID", "Webhooks__Storage__Login"];

    private const string Console = "console";
    private const string MetricsPort = "Webhooks__Metrics__Port";
    private const string MetricsToken = "Webhooks__Metrics__Token";

    private static readonly string[] Services = ["receiver", "worker", "sender", Console];

    public static TheoryData<string> All => [.. Services];

    private static string Folder => Path.Combine(Repository.Folder, "deploy");

    [Theory]
    [MemberData(nameof(All))]
    public async Task All_ways_to_deploy_give_a_service_the_same_environment(string service)
    {
        // The ingress of Azure answers to HTTPS alone.
        var expected = (await PublishedManifest.GetAsync()).VariablesOf(service)
            .Except(OnlyInAzure, StringComparer.Ordinal)
            .Select(name => name.Replace("__https__", "__http__", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();

        Assert.All(
            [InCompose(service), InKubernetes(service), InSystemd(service)],
            names => Assert.Equal(expected, names.Order(StringComparer.Ordinal), StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_Console_has_no_access_to_the_stores() => Assert.All(
        [
            InCompose(Console), InKubernetes(Console), InSystemd(Console),
            (await PublishedManifest.GetAsync()).VariablesOf(Console),
        ],
        names => Assert.DoesNotContain(names, name => name.StartsWith("ConnectionStrings", StringComparison.Ordinal)));

    [Fact]
    public async Task Prometheus_scrapes_the_port_that_containers_have_for_it_and_nobody_else_reaches_it()
    {
        var job = Job("prometheus.yml")["dns_sd_configs"][0];
        var port = job["port"].ToString();
        var compose = Yaml(Read("compose", "compose.yaml")).Single();
        var objects = Objects().ToList();
        var manifest = await PublishedManifest.GetAsync();

        Assert.Equal(Services, Items(job["names"]), StringComparer.Ordinal);
        Assert.Equal(port, objects.OfType<V1ConfigMap>().Single().Data[MetricsPort]);
        Assert.Equal(port, compose["x-settings"][MetricsPort].ToString());
        Assert.All(Services, service =>
        {
            Assert.Equal(port, (string?)manifest.Resources[service]!["env"]![MetricsPort]);
            var published = ((YamlMappingNode)compose["services"][service]).Children.TryGetValue("ports", out var ports)
                ? Items(ports)
                : [];
            Assert.DoesNotContain(published, each => each.Contains(port, StringComparison.Ordinal));
            var pod = objects.OfType<V1Deployment>().Single(deployment => deployment.Name() == service).Spec.Template;
            Assert.Equal(
                [("http", "8080"), ("metrics", port)],
                pod.Spec.Containers.Single().Ports.Select(each => (each.Name, $"{each.ContainerPort}")));
            Assert.Equal(
                ("true", port, "/metrics"),
                (pod.Metadata.Annotations["prometheus.io/scrape"], pod.Metadata.Annotations["prometheus.io/port"],
                    pod.Metadata.Annotations["prometheus.io/path"]));
            Assert.DoesNotContain(
                objects.OfType<V1Service>().Single(each => each.Name() == service).Spec.Ports,
                each => each.TargetPort.Value == "metrics" || each.TargetPort.Value == port);
        });
        Assert.Contains(
            Job("kubernetes.yml")["relabel_configs"].AllNodes.OfType<YamlMappingNode>(),
            rule => rule["source_labels"][0].ToString() == "__meta_kubernetes_pod_container_port_name"
                && rule["regex"].ToString() == "metrics" && rule["action"].ToString() == "keep");
        var open = objects.OfType<V1NetworkPolicy>().Single().Spec.Ingress
            .Where(rule => rule.Ports.Any(each => each.Port.Value == "metrics"));
        Assert.Equal(
            "monitoring",
            Assert.Single(Assert.Single(open).FromProperty).NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]);
    }

    [Fact]
    public void Prometheus_scrapes_the_services_of_systemd_where_they_listen_with_their_token()
    {
        var job = Job("systemd.yml");

        Assert.Equal("token", job["authorization"]["credentials_file"].ToString());
        Assert.Contains(MetricsToken, Keys(Read("systemd", "settings.env")), StringComparer.Ordinal);
        Assert.Equal(
            Services.Select(service => (service, ListensAt(service))).Order(),
            ((YamlSequenceNode)job["static_configs"])
                .Select(each => (each["labels"]["service"].ToString(), Items(each["targets"]).Single())).Order());

        static string ListensAt(string service)
        {
            const string Urls = "ASPNETCORE_URLS=";
            var lines = Read("systemd", EnvironmentFile(service)).Split('\n');
            return new Uri(lines.Single(line => line.StartsWith(Urls, StringComparison.Ordinal))[Urls.Length..]).Authority;
        }
    }

    [Fact]
    public void Each_Prometheus_evaluates_the_alerts() => Assert.All(
        ["prometheus.yml", "kubernetes.yml", "systemd.yml"],
        file => Assert.Equal(
            ["alerts.yml"], Items(Yaml(Read("prometheus", file)).Single()["rule_files"]), StringComparer.Ordinal));

    [Fact]
    public async Task The_Compose_file_is_what_the_specification_allows()
    {
        Assert.SkipUnless(Node.Available, Node.Reason);

        var errors = await Node.RunAsync(
            "compose-schema.mjs", [Path.Combine(Folder, "compose", "compose.yaml")],
            new Dictionary<string, string>(StringComparer.Ordinal),
            TestContext.Current.CancellationToken);

        Assert.Empty(errors.EnumerateArray().Select(error => error.GetString()));
    }

    [Fact]
    public void The_variables_of_the_Compose_file_are_in_its_example()
    {
        var used = Variable().Matches(Read("compose", "compose.yaml")).Select(match => match.Groups["name"].Value);
        var given = Keys(Read("compose", "env.example"));

        Assert.Equal(
            given.Order(StringComparer.Ordinal), used.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            StringComparer.Ordinal);
    }

    // The types have the fields of Kubernetes' own API, and a field that is in none of them is an error.
    [Fact]
    public void The_Kubernetes_files_have_no_field_that_the_API_does_not_have()
    {
        var objects = Objects().ToList();

        Assert.Equal(Services, objects.OfType<V1Deployment>().Select(deployment => deployment.Name()), StringComparer.Ordinal);
        Assert.Equal(Services, objects.OfType<V1Service>().Select(service => service.Name()), StringComparer.Ordinal);
        Assert.Throws<YamlDotNet.Core.YamlException>(() => KubernetesYaml.LoadAllFromString(
            Read("k8s", "receiver.yaml").Replace("readinessProbe:", "readynessProbe:", StringComparison.Ordinal),
            strict: true));
    }

    [Fact]
    public void The_Kubernetes_files_name_each_other()
    {
        var objects = Objects().ToList();
        var settings = objects.OfType<V1ConfigMap>().Select(map => map.Name()).ToList();
        var secrets = objects.OfType<V1Secret>().Select(secret => secret.Name()).ToList();
        Assert.All(objects.OfType<V1Deployment>(), deployment =>
        {
            var pod = deployment.Spec.Template;
            var container = Assert.Single(pod.Spec.Containers);
            Assert.All(container.EnvFrom, from => Assert.Contains(
                from.ConfigMapRef?.Name ?? from.SecretRef.Name, settings.Concat(secrets), StringComparer.Ordinal));
            Assert.All(container.VolumeMounts, mount => Assert.Contains(
                pod.Spec.Volumes,
                volume => volume.Name == mount.Name
                    && (volume.Secret is not { } of || secrets.Contains(of.SecretName, StringComparer.Ordinal))));
            Assert.All(
                deployment.Spec.Selector.MatchLabels, label => Assert.Equal(label.Value, pod.Metadata.Labels[label.Key]));
            Assert.Equal("/health/live", container.StartupProbe.HttpGet.Path);
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        });
        var services = objects.OfType<V1Service>().ToList();
        Assert.All(services, service => Assert.Contains(
            objects.OfType<V1Deployment>(),
            deployment => service.Spec.Selector.All(label => deployment.Spec.Template.Metadata.Labels.Contains(label))));
        Assert.All(
            objects.OfType<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths),
            path => Assert.Contains(services, service => service.Name() == path.Backend.Service.Name));

        var kustomization = Yaml(Read("k8s", "kustomization.yaml")).Single();
        var files = Directory.EnumerateFiles(Path.Combine(Folder, "k8s"), "*.yaml").Select(file => Path.GetFileName(file)!)
            .Except(["kustomization.yaml", "secrets.example.yaml"], StringComparer.Ordinal).Append("secrets.yaml");
        Assert.Equal(
            files.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            Items(kustomization["resources"]).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Systemd_takes_the_unit()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd here.");
        var folder = Directory.CreateTempSubdirectory("units-");
        var unit = Path.Combine(folder.FullName, "webhooks@Receiver.service");
        File.Copy(Path.Combine(Folder, "systemd", "webhooks@.service"), unit);

        using var verify = Process.Start(new ProcessStartInfo("systemd-analyze", ["verify", "--man=no", unit])
        {
            UseShellExecute = false, RedirectStandardError = true,
        })!;
        var messages = await verify.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await verify.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (verify.ExitCode, messages));
        folder.Delete(recursive: true);
    }

    private static IEnumerable<string> InCompose(string service) =>
        Keys(Yaml(Read("compose", "compose.yaml")).Single()["services"][service]["environment"]);

    private static IEnumerable<string> InKubernetes(string service)
    {
        var objects = Objects().ToList();
        var container = objects.OfType<V1Deployment>().Single(deployment => deployment.Name() == service)
            .Spec.Template.Spec.Containers.Single();
        return container.EnvFrom
            .SelectMany(from => from.ConfigMapRef is { } map
                ? objects.OfType<V1ConfigMap>().Single(each => each.Name() == map.Name).Data.Keys
                : objects.OfType<V1Secret>().Single(each => each.Name() == from.SecretRef.Name).StringData.Keys)
            .Concat((container.Env ?? []).Select(variable => variable.Name));
    }

    // On one machine each service has a port of its own, and its metrics need a token there.
    private static IEnumerable<string> InSystemd(string service) => Keys(Read("systemd", "settings.env"))
        .Concat(Keys(Read("systemd", EnvironmentFile(service))))
        .Except(["ASPNETCORE_URLS"], StringComparer.Ordinal)
        .Select(name => name == MetricsToken ? MetricsPort : name);

    private static string EnvironmentFile(string service) => $"{char.ToUpperInvariant(service[0])}{service[1..]}.env";

    // The scraped job of a configuration of Prometheus. It leaves the path at the default, /metrics.
    private static YamlMappingNode Job(string file)
    {
        var job = (YamlMappingNode)Yaml(Read("prometheus", file)).Single()["scrape_configs"][0];
        Assert.DoesNotContain("metrics_path", Keys(job), StringComparer.Ordinal);
        return job;
    }

    private static IEnumerable<object> Objects() => Directory.EnumerateFiles(Path.Combine(Folder, "k8s"), "*.yaml")
        .Where(file => Path.GetFileName(file) != "kustomization.yaml")
        .OrderBy(file => Array.FindIndex(Services, service => service == Path.GetFileNameWithoutExtension(file)))
        .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true));

    // With merge keys, as Compose reads them.
    private static IEnumerable<string> Keys(YamlNode node) => ((YamlMappingNode)node).Children.SelectMany(
        child => child.Key.ToString() == "<<" ? Keys(child.Value) : [child.Key.ToString()]);

    private static IEnumerable<string> Keys(string file) => file.Split('\n')
        .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=')[0]);

    private static IEnumerable<string> Items(YamlNode node) => ((YamlSequenceNode)node).Select(item => item.ToString());

    private static IEnumerable<YamlNode> Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => document.RootNode);
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([Folder, .. path]));

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Z_]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
