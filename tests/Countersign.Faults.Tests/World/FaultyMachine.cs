using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using Countersign.Testing;

namespace Countersign.Faults.Tests;

/// <summary>What a write or a sync of the process does: the numbers of faults.c.</summary>
internal enum Outcome
{
    Works,

    /// <summary>A sync that does nothing, and says that it did.</summary>
    Lies,

    /// <summary>It is done, and the process is told that it failed.</summary>
    FailsButPersists,

    /// <summary>It is not done.</summary>
    Fails,
}

/// <summary>The machine below one process, in the test's hands: its disk's writes and syncs, a record of them, and its clock. See faults.c.</summary>
internal sealed class FaultyMachine : IDisposable
{
    private const int ClockAt = 0, SyncAt = 8, SyncsAt = 12, WriteAt = 16, WritesAt = 20, MetAt = 24;

    private static readonly Lazy<string> Library = new(Compile);

    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _control;
    private TimeSpan _clockLead;

    public FaultyMachine()
    {
        using (var made = File.Create(_directory["control"]))
            made.SetLength(4096);
        _file = MemoryMappedFile.CreateFromFile(_directory["control"], FileMode.Open);
        _control = _file.CreateViewAccessor();
    }

    /// <summary>Everything that was done to the watched files; grows while the process runs.</summary>
    public string Log => _directory["log"];

    public long LogLength => File.Exists(Log) ? new FileInfo(Log).Length : 0;

    /// <summary>How often a write or sync that does not work was met.</summary>
    public int Met => _control.ReadInt32(MetAt);

    /// <summary>How far the process's clock is ahead of the right one.</summary>
    public TimeSpan ClockLead
    {
        get => _clockLead;
        set => _control.Write(ClockAt, (long)(_clockLead = value).TotalMilliseconds);
    }

    /// <summary>Lets a server run on this machine from its next start.</summary>
    public void Carry(RealServer server)
    {
        server.Environment["LD_PRELOAD"] = Library.Value;
        server.Environment["FAULTS_CONTROL"] = _directory["control"];
        server.Environment["FAULTS_ROOT"] = server.Files + "/";
        server.Environment["FAULTS_LOG"] = Log;
    }

    /// <summary>From now on syncs do this: so many of them, or all.</summary>
    public void Sync(Outcome outcome, int times = -1) => Set(SyncAt, SyncsAt, outcome, times);

    /// <summary>From now on writes do this: so many of them, or all.</summary>
    public void Write(Outcome outcome, int times = -1) => Set(WriteAt, WritesAt, outcome, times);

    private void Set(int mode, int count, Outcome outcome, int times)
    {
        _control.Write(count, times);
        _control.Write(mode, (int)outcome);
    }

    private static string Compile()
    {
        var (source, library) = (Path.Combine(AppContext.BaseDirectory, "World", "faults.c"), Path.Combine(AppContext.BaseDirectory, "faults.so"));
        var made = library + "." + Environment.ProcessId;
        using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", made, source, "-ldl", "-lpthread"]) { RedirectStandardError = true })!;
        var said = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        Assert.True(gcc.ExitCode == 0, said);
        File.Move(made, library, overwrite: true);
        return library;
    }

    public void Dispose()
    {
        _control.Dispose();
        _file.Dispose();
        _directory.Dispose();
    }
}
