namespace Countersign.Evidence;

/// <summary>Records of one size, appended and read back by number: the newest in memory, the older ones in a temporary file, so
/// that memory does not grow with their number. A few records need no file.</summary>
/// <remarks>Not thread-safe. The file is its owner's alone and is gone when this is disposed; on Unix it has no name from the
/// beginning, so that not even an end by force leaves it behind.</remarks>
/// <param name="recordSize">Bytes of a record.</param>
/// <param name="inMemory">Records that are kept in memory at most.</param>
internal sealed class SpilledRecords(int recordSize, int inMemory = 1 << 15) : IDisposable
{
    private const int FirstCapacity = 64;

    private byte[] _newest = new byte[recordSize * Math.Min(FirstCapacity, inMemory)];
    private int _held;
    private ulong _spilled;
    private FileStream? _file;

    /// <summary>Number of records.</summary>
    public ulong Count => _spilled + (ulong)_held;

    /// <exception cref="IOException">The temporary directory cannot take more.</exception>
    public void Append(ReadOnlySpan<byte> record)
    {
        if (_held == inMemory)
            Spill();
        if (_held * recordSize == _newest.Length)
            Array.Resize(ref _newest, Math.Min(2 * _newest.Length, recordSize * inMemory));
        record[..recordSize].CopyTo(_newest.AsSpan(_held * recordSize));
        _held++;
    }

    /// <param name="index">Below <see cref="Count"/>.</param>
    /// <param name="record">Is filled.</param>
    public void Read(ulong index, Span<byte> record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        if (index >= _spilled)
        {
            _newest.AsSpan((int)(index - _spilled) * recordSize, recordSize).CopyTo(record);
            return;
        }
        for (var read = 0; read < recordSize;)
        {
            var more = RandomAccess.Read(_file!.SafeFileHandle, record[read..recordSize], (long)index * recordSize + read);
            read += more > 0 ? more : throw new EndOfStreamException("The temporary file was cut off.");
        }
    }

    private void Spill()
    {
        _file ??= CreateFile();
        RandomAccess.Write(_file.SafeFileHandle, _newest.AsSpan(0, _held * recordSize), (long)_spilled * recordSize);
        _spilled += (ulong)_held;
        _held = 0;
    }

    private static FileStream CreateFile()
    {
        var path = Path.Combine(Path.GetTempPath(), "countersign-" + Path.GetRandomFileName());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }

    public void Dispose() => _file?.Dispose();
}
