using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Countersign.EndToEnd.Tests;

/// <summary>The files of a profile that is open in this process, when the disk does not give them any more, until this is disposed: in the place
/// of each stands one that nothing can be read from.</summary>
internal sealed class BrokenFiles : IDisposable
{
    private readonly SqliteConnection _other;
    private readonly List<(int Descriptor, int Kept)> _broken = [];

    private BrokenFiles(string file)
    {
        var open = Descriptors(file);
        _other = new SqliteConnection($"Data Source={file};Pooling=False");
        _other.Open();
        using (var write = _other.CreateCommand())
        {
            // What is held in memory is asked of the disk again, since somebody else has written.
            write.CommandText = "INSERT INTO setting VALUES('of another', x'00')";
            write.ExecuteNonQuery();
        }
        using var unreadable = new FileStream(file + ".unreadable", FileMode.Create, FileAccess.Write);
        foreach (var descriptor in open)
        {
            _broken.Add((descriptor, Duplicate(descriptor)));
            Assert.Equal(descriptor, Replace((int)unreadable.SafeFileHandle.DangerousGetHandle(), descriptor));
        }
    }

    public static BrokenFiles In(string profile) => new(Path.Combine(profile, "profile.db"));

    public void Dispose()
    {
        foreach (var (descriptor, kept) in _broken)
        {
            Assert.Equal(descriptor, Replace(kept, descriptor));
            Assert.Equal(0, Close(kept));
        }
        _other.Dispose();
    }

    private static List<int> Descriptors(string file)
    {
        var found = new List<int>();
        foreach (var link in new DirectoryInfo("/proc/self/fd").EnumerateFiles())
            if (link.LinkTarget is { } target && (target == file || target == file + "-wal"))
                found.Add(int.Parse(link.Name, CultureInfo.InvariantCulture));
        Assert.NotEmpty(found);
        return found;
    }

    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);

    [DllImport("libc", EntryPoint = "dup2")]
    private static extern int Replace(int by, int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
