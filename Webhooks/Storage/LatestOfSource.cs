namespace Aspire.Webhooks.Storage;

/// <summary>Finds the newest row of a source by one probe of the index (source, id), whatever the number of rows.</summary>
public static class LatestOfSource
{
    /// <summary>
    /// Returns the statement. Its row is the greatest that is not behind the last of the source, so the caller compares the
    /// column <c>source</c>: where the source has no row, it is a row of another one.
    /// </summary>
    /// <remarks>
    /// With <c>where source = …</c> the planner expects to meet the source soon if it walks along the ids, and so reads the whole
    /// table for a source without rows: 740 ms at 1,000,000 events.
    /// </remarks>
    /// <param name="table">A table of the schema with that index.</param>
    /// <param name="source">The parameter or the column that names the source.</param>
    public static string Sql(string table, string source) => $"""
        select * from webhooks.{table} where (source, id) <= ({source}, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by source desc, id desc limit 1
        """;
}
