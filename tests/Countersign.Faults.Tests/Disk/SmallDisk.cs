using System.Diagnostics;
using System.Globalization;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>A file system of its own, of a few megabytes, that a test fills and empties.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SmallDisk() { }

    public string Path => _directory.Path;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Skips the test, and says why, where nothing can be mounted.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        var (exit, said) = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "tmpfs", disk.Path);
        if (exit == 0)
            return disk;
        disk._directory.Dispose();
        Assert.Skip("a disk of a test's own needs the right to mount one (root): " + said);
        return disk;
    }

    /// <summary>Leaves no byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var size in new[] { 65536, 4096, 1 })
        {
            try
            {
                while (true)
                    file.Write(new byte[size]);
            }
            catch (IOException)
            {
                continue; // full, for pieces of this size
            }
        }
    }

    public void Empty() => File.Delete(Filler);

    private static (int Exit, string Said) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said.Trim() + string.Create(CultureInfo.InvariantCulture, $" (exit {process.ExitCode})"));
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _directory.Dispose();
    }
}
