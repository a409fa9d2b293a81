namespace Aspire.Webhooks.Storage;

/// <summary>How the service logs in to Postgres, and who updates the schema. Section <c>Webhooks:Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Webhooks:Storage";

    /// <summary>
    /// <c>Password</c>: as the connection string says. <c>Entra</c>: the password is a token of the managed identity or of the
    /// workload identity that the process runs as; <c>AZURE_CLIENT_ID</c> names the identity where there are several.
    /// </summary>
    public DatabaseLogin Login { get; set; }

    /// <summary>
    /// <c>AtStart</c>: the service that starts first updates the schema. <c>Never</c>: the command <c>migrate</c> of any service
    /// does, with a role that may, and the services wait until it has.
    /// </summary>
    public SchemaUpdate Migrate { get; set; }
}

/// <summary>What a login consists of.</summary>
public enum DatabaseLogin
{
    Password,
    Entra,
}

/// <summary>When a service updates the schema.</summary>
public enum SchemaUpdate
{
    AtStart,
    Never,
}
