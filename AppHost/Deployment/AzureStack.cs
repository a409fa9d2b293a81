using Aspire.Webhooks.ServiceDefaults;
using Microsoft.Extensions.Configuration;

namespace Aspire.Webhooks.AppHost.Deployment;

/// <summary>
/// The stack as azd deploys it to Azure Container Apps (docs/deploy-azure.md). Only <c>publish</c> describes it; a local run has
/// nothing of it.
/// </summary>
internal sealed class AzureStack
{
    // The networks from which the proxy of Azure Container Apps connects.
    private const string Proxies = "100.100.0.0/16";

    private const string ProtectionFile = "/mnt/secrets/protection.pem";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly AzureModule _platform;
    private readonly AzureModule _vault;
    private readonly AzureStore _postgres;
    private readonly VaultSecret _redis;
    private readonly Dictionary<string, object> _settings;

    private AzureStack(IDistributedApplicationBuilder builder)
    {
        _builder = builder;
        _platform = AddModule(new AzureModule("platform", Module("platform"))
        {
            Parameters =
            {
                // azd takes a module with this parameter for the one that creates the environment of the container apps.
                ["userPrincipalId"] = "",
                ["network"] = Setting("network", "private", "private: a virtual network for the stores; public: a firewall."),
            },
        });
        _vault = AddModule(new AzureModule("vault", Module("vault"))
        {
            Parameters = { ["readerId"] = _platform.Output("identityPrincipalId") },
        });
        var identity = _platform.Output("identityName");
        // Without a password: the services log in with tokens of the identity.
        _postgres = AddModule(new AzureStore(
            "postgres",
            Module("postgres"),
            postgres => ReferenceExpression.Create(
                $"Host={postgres.Output("host")};Database=webhooks;Username={identity};SSL Mode=VerifyFull"))
        {
            Parameters =
            {
                ["administratorName"] = identity,
                ["administratorId"] = _platform.Output("identityPrincipalId"),
                ["subnetId"] = _platform.Output("databaseSubnetId"),
                ["zoneId"] = _platform.Output("databaseZoneId"),
            },
        });
        _redis = new VaultSecret(AddModule(new AzureModule("redis", Module("redis"))
        {
            Parameters =
            {
                ["vault"] = _vault.Output("name"),
                ["subnetId"] = _platform.Output("endpointSubnetId"),
                ["zoneId"] = _platform.Output("redisZoneId"),
            },
        }));
        _settings = new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__webhooks"] = new ConnectionStringReference(_postgres, optional: false),
            ["ConnectionStrings__redis"] = _redis,
            ["Webhooks__Storage__Login"] = "Entra",
            ["AZURE_CLIENT_ID"] = _platform.Output("identityClientId"),
            ["Webhooks__Proxies__Networks__0"] = Proxies,
            ["Authentication__Schemes__Bearer__Authority"] =
                Setting("issuer", "", "URL of the OpenID Connect issuer of tokens. Without one, no token is valid."),
            ["Authentication__Schemes__Bearer__ValidAudiences__0"] =
                Setting("audience", "api://aspire-webhooks", "The audience that tokens are issued for."),
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Setting(
                "otlpEndpoint", "", "URL of an OpenTelemetry collector. By default, traces and logs go to Application Insights."),
            ["Logging__LogLevel__Default"] = Setting("logLevel", "Information", "The least level of log entries."),
            ["Webhooks__Links__Console"] = Setting("consoleUrl", "", "URL of the Console, where there is one."),
        };
        MinReplicas = Setting("minReplicas", "1", "How many replicas each service has at least.");
        MaxReplicas = Setting("maxReplicas", "4", "How many replicas each service has at most.");
    }

    private ParameterResource MinReplicas { get; }

    private ParameterResource MaxReplicas { get; }

    /// <summary>Describes the whole stack.</summary>
    public static void Add(IDistributedApplicationBuilder builder)
    {
        var stack = new AzureStack(builder);
        var configuration = builder.Configuration.GetSection("Deployment");

        var receiver = stack.AddService<Projects.Receiver>("receiver", isPublic: true, Scale.ByRequests);
        stack.AddDomain(receiver);
        stack.AddSources(receiver, configuration.GetSection("Sources"));

        var worker = stack.AddService<Projects.Worker>("worker", isPublic: false, Scale.ByJobs("event", "task"));
        stack.AddAgents(worker);

        var sender = stack.AddService<Projects.Sender>(
            "sender", isPublic: configuration.GetValue<bool>("PublicSender"), Scale.ByJobs("delivery"));
        stack.AddProtection(sender);
        sender.WithDeliveries();
    }

    /// <summary>Adds a service with the settings that all have.</summary>
    /// <param name="name">The name of the resource and of its container app.</param>
    /// <param name="isPublic">Whether the internet reaches it; otherwise only the other container apps do.</param>
    /// <param name="scale">What the number of replicas follows.</param>
    private IResourceBuilder<ProjectResource> AddService<TProject>(string name, bool isPublic, Scale scale)
        where TProject : IProjectMetadata, new()
    {
        var service = _builder.AddProject<TProject>(name);
        if (isPublic)
        {
            service.WithExternalHttpEndpoints();
        }

        var app = new ContainerApp(service.Resource, Module("service"))
        {
            Parameters =
            {
                ["name"] = name,
                ["image"] = $"{{{name}.containerImage}}",
                ["port"] = $"{{{name}.containerPort}}",
                ["isPublic"] = isPublic ? "true" : "false",
                ["domain"] = "",
                ["certificateId"] = "",
                ["environmentId"] = _platform.Output("AZURE_CONTAINER_APPS_ENVIRONMENT_ID"),
                ["registry"] = _platform.Output("AZURE_CONTAINER_REGISTRY_ENDPOINT"),
                ["identityId"] = _platform.Output("identityId"),
                ["identityName"] = _platform.Output("identityName"),
                ["databaseHost"] = _postgres.Output("host"),
                ["jobKinds"] = scale.JobKinds,
                ["minReplicas"] = MinReplicas,
                ["maxReplicas"] = MaxReplicas,
            },
        };
        app.Annotations.Add(new ManifestPublishingCallbackAnnotation(app.WriteAsync));
        return service
            .WithAnnotation(new DeploymentTargetAnnotation(app))
            .WithEnvironment(context =>
            {
                // Aspire adds ports, forwarded headers from anybody and switches of OpenTelemetry, none of which is needed.
                context.EnvironmentVariables.Clear();
                foreach (var (key, value) in _settings)
                {
                    context.EnvironmentVariables[key] = value;
                }
            });
    }

    private void AddDomain(IResourceBuilder<ProjectResource> receiver)
    {
        var parameters = AppOf(receiver).Parameters;
        parameters["domain"] = Setting("domain", "", "Domain of the Receiver beside the one that Azure gives it.");
        parameters["certificateId"] = Setting("certificateId", "", "Resource id of the certificate of that domain.");
    }

    private void AddSources(IResourceBuilder<ProjectResource> receiver, IConfigurationSection sources)
    {
        foreach (var source in sources.GetChildren())
        {
            receiver.WithEnvironment($"Webhooks__Sources__{source.Key}__Scheme", source.Value ?? source.Key);
            AddSecret(receiver, SourceKeys.Secret(source.Key), $"Secret of source {source.Key}, as its provider has it.");
            if (source.Value == "meta")
            {
                AddSecret(receiver, SourceKeys.VerifyToken("meta"), "What Meta shows when it subscribes.");
            }
        }
    }

    private void AddAgents(IResourceBuilder<ProjectResource> worker)
    {
        var model = _builder.ModelSettings();
        if (model.ContainsKey(Agents.Model))
        {
            worker.WithSettings(model);
            AddSecret(worker, "Webhooks__OpenAI__ApiKey", "Key of the model's server.", parameter: "openai-api-key");
        }
    }

    // The certificate is a text of several lines, which azd cannot ask for: it asks for the base64 of the file.
    private void AddProtection(IResourceBuilder<ProjectResource> sender)
    {
        const string Name = "protection-certificate";
        var secret = AddVaultSecret(Name, "base64 of the PEM file that protects the keys of endpoints' secrets.", "base64");
        sender.WithEnvironment("Webhooks__SecretProtection__Certificates__0", ProtectionFile);
        AppOf(sender).Files[ProtectionFile] = secret;
    }

    private void AddSecret(
        IResourceBuilder<ProjectResource> service, string variable, string description, string? parameter = null)
    {
        var secret = AddVaultSecret(parameter ?? variable.Replace('_', '-').ToLowerInvariant(), description, "text");
        service.WithEnvironment(context => context.EnvironmentVariables[variable] = secret);
    }

    private VaultSecret AddVaultSecret(string name, string description, string encoding)
    {
        var value = _builder.AddParameter(name, secret: true).WithDescription(description);
        return new(AddModule(new AzureModule($"vault-{name}", Module("secret"))
        {
            Parameters =
            {
                ["vault"] = _vault.Output("name"),
                ["name"] = name,
                ["value"] = value.Resource,
                ["encoding"] = encoding,
            },
        }));
    }

    private static ContainerApp AppOf(IResourceBuilder<ProjectResource> service) => service.Resource.Annotations
        .OfType<DeploymentTargetAnnotation>().Select(target => target.DeploymentTarget).OfType<ContainerApp>().Single();

    // azd writes the name of a parameter with a default into Bicep as it is, where a hyphen would be a minus.
    private ParameterResource Setting(string name, string value, string description) =>
        _builder.AddParameter(name, value, publishValueAsDefault: true).WithDescription(description).Resource;

    private T AddModule<T>(T module)
        where T : AzureModule => _builder.AddResource(module).WithManifestPublishingCallback(module.WriteAsync).Resource;

    private string Module(string name) => Path.Combine(_builder.RepositoryDirectory(), "deploy", "azure", $"{name}.bicep");

    /// <summary>What the number of replicas of a service follows.</summary>
    /// <param name="JobKinds">The kinds of jobs that are due, as a list in SQL; empty for concurrent requests.</param>
    private sealed record Scale(string JobKinds)
    {
        public static Scale ByRequests { get; } = new("");

        public static Scale ByJobs(params string[] kinds) => new(string.Join(' ', kinds));
    }
}
