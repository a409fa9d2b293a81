using Azure.Core;
using Azure.Identity;
using Npgsql;

namespace Aspire.Webhooks.Storage;

/// <summary>
/// Logs in to Azure Database for PostgreSQL with tokens of Microsoft Entra instead of a password. Each new connection asks for a
/// token; the credential keeps one until shortly before it expires. Open connections outlive their token.
/// </summary>
internal sealed class EntraLogin
{
    // The audience that Azure Database for PostgreSQL expects in all clouds but those of governments.
    private static readonly TokenRequestContext Database = new(["https://ossrdbms-aad.database.windows.net/.default"]);

    private readonly TokenCredential _credential;

    /// <param name="clientId">The identity, where the process has several.</param>
    public EntraLogin(string? clientId)
    {
        var identity = clientId is { Length: > 0 }
            ? ManagedIdentityId.FromUserAssignedClientId(clientId)
            : ManagedIdentityId.SystemAssigned;

        // On Kubernetes the workload identity is a file, which is not there elsewhere.
        _credential = new ChainedTokenCredential(new WorkloadIdentityCredential(), new ManagedIdentityCredential(identity));
    }

    /// <summary>Makes the data source ask for a token where it would use a password.</summary>
    public void Use(NpgsqlDataSourceBuilder dataSource) => dataSource.UsePasswordProvider(
        _ => _credential.GetToken(Database, CancellationToken.None).Token,
        async (_, cancellationToken) => (await _credential.GetTokenAsync(Database, cancellationToken)).Token);
}
