using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>An <see cref="HtmlReport"/> in a new file that its owner alone reads: it may hold disclosed texts. Unless it was
/// completed, nothing stays.</summary>
public sealed class HtmlReportFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly FileStream _scratch;
    private readonly HtmlReport _report;
    private bool _isComplete;

    /// <param name="path">Never an existing file: a slip of the hand must not cost a bundle.</param>
    /// <exception cref="IOException">It exists, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public HtmlReportFile(string path)
    {
        _path = path;
        _file = Create(path, FileOptions.None);
        try
        {
            _scratch = Create($"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}.tmp", FileOptions.DeleteOnClose);
        }
        catch
        {
            Remove();
            throw;
        }
        _report = new HtmlReport(_scratch);
    }

    /// <summary>For <see cref="BundleVerifier"/>: each entry, in order.</summary>
    public void Add(RecordEntry entry) => _report.Add(entry);

    /// <summary>Writes the page.</summary>
    /// <param name="verdict">On the bundle whose entries were added.</param>
    /// <param name="bundle">The bundle itself, to name it in the report; read to its end from its beginning.</param>
    public void Complete(BundleVerdict verdict, Stream bundle)
    {
        bundle.Position = 0;
        _report.Write(verdict, new Hash32(SHA256.HashData(bundle)), _file);
        _file.Flush();
        _isComplete = true;
    }

    public void Dispose()
    {
        _scratch.Dispose();
        if (_isComplete)
            _file.Dispose();
        else
            Remove();
    }

    private void Remove()
    {
        _file.Dispose();
        File.Delete(_path);
    }

    private static FileStream Create(string path, FileOptions more)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = more, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
