using System.Globalization;
using System.Text;

namespace Countersign.Authority;

/// <summary>Serial numbers of tokens, from 1: none is ever used twice, also after a crash (RFC 3161 section 2.4.2).</summary>
internal interface ITokenSerials : IDisposable
{
    /// <summary>A number that was never returned before. Thread-safe.</summary>
    long Next();
}

/// <summary>Numbers for as long as the process lasts: for throw-away authorities.</summary>
internal sealed class MemorySerials : ITokenSerials
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);

    public void Dispose() { }
}

/// <summary>Numbers reserved in blocks: one line, appended and synced, says up to which number all may be used. The open file is the
/// lock against a second process.</summary>
internal sealed class FileSerials : ITokenSerials
{
    // A sync every so many tokens, and at most so many numbers skipped at a restart.
    private const int Block = 256;

    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private long _last;
    private long _reserved;

    private FileSerials(FileStream file, long reserved)
    {
        _file = file;
        _last = _reserved = reserved;
    }

    /// <exception cref="AuthorityException">Locked or damaged.</exception>
    public static FileSerials Open(string path)
    {
        FileStream file;
        try
        {
            file = OwnerOnly.Open(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new AuthorityException(AuthorityFault.Locked, path, e);
        }
        try
        {
            return new FileSerials(file, ReadReserved(file, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public long Next()
    {
        lock (_gate)
        {
            if (_last == _reserved)
                Reserve();
            return ++_last;
        }
    }

    private void Reserve()
    {
        var reserved = _last + Block;
        _file.Write(Encoding.ASCII.GetBytes(reserved.ToString(CultureInfo.InvariantCulture) + "\n"));
        _file.Flush(flushToDisk: true);
        _reserved = reserved;
    }

    // A last line without its line feed was torn by a crash before a number of its block was used: it is cut off.
    private static long ReadReserved(FileStream file, string path)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(end);
        file.Position = end;
        var lines = Encoding.ASCII.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return 0;
        return long.TryParse(lines[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var reserved)
            ? reserved
            : throw new AuthorityException(AuthorityFault.Damaged, path);
    }

    public void Dispose() => _file.Dispose();
}
