namespace Aspire.Webhooks.AppHost;

/// <summary>Files with secrets, which only their owner can read.</summary>
internal static class PrivateFile
{
    /// <summary>
    /// Writes a file, with its folder. It is written under another name and renamed, so that no reader sees a part of it, and
    /// that an interrupted write leaves the old one.
    /// </summary>
    public static void Write(string path, string text)
    {
        // ResolveLinkTarget throws for a file that does not exist yet.
        var target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var unfinished = $"{target}.new";
        File.Delete(unfinished);
        using (var writer = new StreamWriter(unfinished, options))
        {
            writer.Write(text);
        }

        File.Move(unfinished, target, overwrite: true);
    }
}
