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

    // No ingress leads to it.
    private const string MetricsPort = "9464";

    private const string ProtectionFile = "/mnt/secrets/protection.pem";

    private readonly IDistributedApplicationBuilder _builder;
    private readonly AzureModule _platform;
    private readonly AzureModule _identity;
    private readonly AzureModule _vault;
    private readonly AzureStore _postgres;
    private readonly ParameterResource _issuer;
    private readonly Dictionary<string, object> _settings;
    private readonly Dictionary<string, object> _stores;

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
        _identity = AddIdentity("webhooks");
        _vault = AddModule(new AzureModule("vault", Module("vault"))
        {
            Parameters = { ["readerId"] = _identity.Output("principalId") },
        });
        var role = _identity.Output("name");
        // Without a password: the services log in with tokens of the identity.
        _postgres = AddModule(new AzureStore(
            "postgres",
            Module("postgres"),
            postgres => ReferenceExpression.Create(
                $"Host={postgres.Output("host")};Database=webhooks;Username={role};SSL Mode=VerifyFull"))
        {
            Parameters =
            {
                ["administratorName"] = role,
                ["administratorId"] = _identity.Output("principalId"),
                ["subnetId"] = _platform.Output("databaseSubnetId"),
                ["zoneId"] = _platform.Output("databaseZoneId"),
            },
        });
        _stores = new(StringComparer.Ordinal)
        {
            ["ConnectionStrings__webhooks"] = new ConnectionStringReference(_postgres, optional: false),
            ["ConnectionStrings__redis"] = AddRedis(),
            ["Webhooks__Storage__Login"] = "Entra",
            ["AZURE_CLIENT_ID"] = _identity.Output("clientId"),
        };
        _issuer = Setting("issuer", "", "URL of the OpenID Connect issuer of tokens. Without one, no token is valid.");
        _settings = new(StringComparer.Ordinal)
        {
            ["Webhooks__Proxies__Networks__0"] = Proxies,
            ["Webhooks__Metrics__Port"] = MetricsPort,
            ["Authentication__Schemes__Bearer__Authority"] = _issuer,
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
        stack.AddDomain(receiver, "domain", "certificateId", "the Receiver");
        stack.AddSources(receiver, configuration.GetSection("Sources"));

        var worker = stack.AddService<Projects.Worker>("worker", isPublic: false, Scale.ByJobs("event", "task"));
        stack.AddAgents(worker);

        var sender = stack.AddService<Projects.Sender>(
            "sender", isPublic: configuration.GetValue<bool>("PublicSender"), Scale.ByJobs("delivery"));
        stack.AddProtection(sender);
        sender.WithDeliveries();

        if (configuration.GetValue<bool>("Console"))
        {
            stack.AddConsole(receiver, worker, sender);
        }
    }

    /// <summary>Adds a service that has access to the stores.</summary>
    /// <param name="name">The name of the resource and of its container app.</param>
    /// <param name="isPublic">Whether the internet reaches it; otherwise only the other container apps do.</param>
    /// <param name="scale">What the number of replicas follows.</param>
    private IResourceBuilder<ProjectResource> AddService<TProject>(string name, bool isPublic, Scale scale)
        where TProject : IProjectMetadata, new()
    {
        var service = AddApp<TProject>(name, isPublic, scale, _identity);
        var parameters = AppOf(service).Parameters;
        parameters["identityName"] = _identity.Output("name");
        parameters["databaseHost"] = _postgres.Output("host");
        return service.WithEnvironment(context => AddTo(context, _stores));
    }

    private VaultSecret AddRedis() => new(AddModule(new AzureModule("redis", Module("redis"))
    {
        Parameters =
        {
            ["vault"] = _vault.Output("name"),
            ["subnetId"] = _platform.Output("endpointSubnetId"),
            ["zoneId"] = _platform.Output("redisZoneId"),
        },
    }));

    // It has no access to the stores: an identity of its own reads the secrets of the Console, and nothing else.
    private void AddConsole(params IResourceBuilder<ProjectResource>[] services)
    {
        const string OpenIdConnect = "Authentication__Schemes__OpenIdConnect";
        var identity = AddIdentity("console");
        var console = AddApp<Projects.Console>("console", isPublic: true, Scale.ByRequests, identity);
        AppOf(console).Parameters["isSticky"] = "true";
        AddDomain(console, "consoleDomain", "consoleCertificateId", "the Console");
        var client = Setting("consoleClientId", "webhooks-console", "The client that the Console is at the issuer.");
        var addresses = services.ToDictionary(
            service => $"services__{service.Resource.Name}__https__0", AddressOf, StringComparer.Ordinal);
        console.WithEnvironment(context => AddTo(context, new(addresses, StringComparer.Ordinal)
        {
            ["Webhooks__Console__ReceiverUrl"] = AddressOf(services[0]),
            [$"{OpenIdConnect}__Authority"] = _issuer,
            [$"{OpenIdConnect}__ClientId"] = client,
        }));
        AddSecret(
            console, $"{OpenIdConnect}__ClientSecret", "Secret of the Console's client at the issuer.", "console-client-secret",
            identity);
        AddSecret(
            console, "Webhooks__Console__CookieKey", "Secret that protects cookies, the same in all replicas.",
            "console-cookie-key", identity);
    }

    // The name that Azure gives an app. Without HTTPS, the ingress redirects.
    private object AddressOf(IResourceBuilder<ProjectResource> service)
    {
        var host = AppOf(service).Parameters["isPublic"] is "true" ? service.Resource.Name : $"{service.Resource.Name}.internal";
        var domain = _platform.Output("AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN");
        return ReferenceExpression.Create($"https://{host}.{domain}");
    }

    /// <summary>Adds a container app with the settings that all have.</summary>
    private IResourceBuilder<ProjectResource> AddApp<TProject>(string name, bool isPublic, Scale scale, AzureModule identity)
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
                ["isSticky"] = "false",
                ["domain"] = "",
                ["certificateId"] = "",
                ["environmentId"] = _platform.Output("AZURE_CONTAINER_APPS_ENVIRONMENT_ID"),
                ["registry"] = _platform.Output("AZURE_CONTAINER_REGISTRY_ENDPOINT"),
                ["identityId"] = identity.Output("id"),
                ["identityName"] = "",
                ["databaseHost"] = "",
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
                AddTo(context, _settings);
            });
    }

    private static void AddTo(EnvironmentCallbackContext context, Dictionary<string, object> settings)
    {
        foreach (var (key, value) in settings)
        {
            context.EnvironmentVariables[key] = value;
        }
    }

    private AzureModule AddIdentity(string name) => AddModule(new AzureModule($"identity-{name}", Module("identity"))
    {
        Parameters = { ["name"] = name, ["registry"] = _platform.Output("registryName") },
    });

    private void AddDomain(IResourceBuilder<ProjectResource> service, string domain, string certificate, string whose)
    {
        var parameters = AppOf(service).Parameters;
        parameters["domain"] = Setting(domain, "", $"Domain of {whose} beside the one that Azure gives it.");
        parameters["certificateId"] = Setting(certificate, "", $"Resource id of the certificate of the domain of {whose}.");
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
        IResourceBuilder<ProjectResource> service, string variable, string description, string? parameter = null,
        AzureModule? reader = null)
    {
        var secret = AddVaultSecret(parameter ?? variable.Replace('_', '-').ToLowerInvariant(), description, "text", reader);
        service.WithEnvironment(context => context.EnvironmentVariables[variable] = secret);
    }

    /// <param name="reader">An identity beside that of the services, which reads this secret.</param>
    private VaultSecret AddVaultSecret(string name, string description, string encoding, AzureModule? reader = null)
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
                ["readerId"] = reader is null ? "" : reader.Output("principalId"),
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
