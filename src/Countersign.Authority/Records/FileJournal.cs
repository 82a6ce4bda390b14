using System.Text.Json;

namespace Countersign.Authority;

/// <summary>One JSON record a line, appended and synced. The open file is the authority's lock: a second process fails at once.</summary>
internal sealed class FileJournal : IAuthorityJournal
{
    private const byte LineFeed = (byte)'\n';

    private readonly string _path;
    private readonly FileStream _file;
    private bool _isTorn;

    internal FileJournal(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <exception cref="AuthorityException">Locked.</exception>
    public static FileJournal Open(string path)
    {
        try
        {
            return new FileJournal(path, OwnerOnly.Open(path, FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new AuthorityException(AuthorityFault.Locked, path, e);
        }
    }

    /// <summary>Reads all lines. A last line without its line feed was torn by a crash before it was acknowledged: it is cut off.</summary>
    public IReadOnlyList<AuthorityRecord> Load()
    {
        var bytes = new byte[_file.Length];
        _file.Position = 0;
        _file.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf(LineFeed) + 1;
        _file.SetLength(end);
        _file.Position = end;

        var records = new List<AuthorityRecord>();
        for (var rest = bytes.AsSpan(0, end); !rest.IsEmpty;)
        {
            var length = rest.IndexOf(LineFeed);
            records.Add(Parse(rest[..length]));
            rest = rest[(length + 1)..];
        }
        return records;
    }

    private AuthorityRecord Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AuthorityJson.Default.AuthorityRecord)
                ?? throw new AuthorityException(AuthorityFault.Damaged, _path);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new AuthorityException(AuthorityFault.Damaged, _path, e);
        }
    }

    public void Append(AuthorityRecord record)
    {
        if (_isTorn)
            throw new IOException("The journal has an end that could not be cut off: it is read again at the next start.");
        var end = _file.Position;
        try
        {
            _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(record, AuthorityJson.Default.AuthorityRecord), LineFeed]);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            CutAt(end);
            throw;
        }
    }

    // What was not acknowledged must not stay: the same record would be there twice, or half of it before the next one.
    private void CutAt(long end)
    {
        _isTorn = true;
        _file.SetLength(end);
        _file.Position = end;
        _isTorn = false;
    }

    public void Dispose() => _file.Dispose();
}
