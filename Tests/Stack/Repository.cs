namespace Aspire.Webhooks.Tests.Stack;

/// <summary>What the tests are built from, for those that read or run files of it.</summary>
internal static class Repository
{
    public static string Folder { get; } = Path.GetDirectoryName(Projects.AppHost.ProjectPath)!;
}
