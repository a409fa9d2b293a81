namespace Aspire.Webhooks.Storage.Migrations;

/// <summary>Migrations are written in SQL, in files that travel inside the assembly.</summary>
internal static class MigrationScript
{
    public static string Read(string name)
    {
        using var stream = typeof(MigrationScript).Assembly.GetManifestResourceStream(
            $"{typeof(MigrationScript).Namespace}.{name}")
            ?? throw new FileNotFoundException($"No embedded migration script '{name}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
