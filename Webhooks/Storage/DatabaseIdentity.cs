namespace Aspire.Webhooks.Storage;

/// <summary>Where a database is, in SQL. A restored copy is elsewhere, whatever it contains.</summary>
public static class DatabaseIdentity
{
    /// <summary>
    /// The server's identifier and the object ids of the database and of the table <c>ledger</c>: a restored dump has others. For
    /// a query of <c>webhooks.ledger</c>. Every role can call the function.
    /// </summary>
    public const string PlaceSql = """
        (select system_identifier from pg_control_system())
            || '.' || (select oid from pg_database where datname = current_database()) || '.' || ledger.tableoid
        """;

    /// <summary>
    /// The timeline of the server, which a promotion and a recovery to a point in time begin anew. It fails on a server in
    /// recovery, where nothing can be committed. The control file would show a promotion only after a checkpoint.
    /// </summary>
    public const string TimelineSql = "left(pg_walfile_name(pg_current_wal_lsn()), 8)";
}
