using System.Text;

namespace Countersign.Faults.Tests;

/// <summary>The files that a power failure leaves: what was synced is there; of what was only written, each sector of 512 bytes is there
/// or not, as chance decides, in whatever order; of changed names, the first ones.</summary>
/// <remarks>A new file's name is durable when the file was synced, as journaling file systems do it; a rename is when its directory was
/// synced, and before that it may have happened or not. Shared memory (-shm) is lost.</remarks>
internal sealed class DiskAfterPowerCut
{
    private const int Sector = 512;

    private readonly string _root;
    private readonly Dictionary<ulong, Inode> _files = [];
    private readonly Dictionary<string, Inode> _names = [];
    private readonly List<NameChange> _changes = [];
    private readonly HashSet<string> _directories = [];

    private sealed class Inode(byte[] content)
    {
        public FileBytes Durable { get; } = new(content);
        public List<DiskLog.Step> Pending { get; } = [];
    }

    /// <summary>From is null for a new name, To for one that ends.</summary>
    private sealed record NameChange(string? From, string? To, Inode? File);

    private readonly DiskLog _log;
    private int _done;

    /// <param name="root">The directory that the log is about.</param>
    /// <param name="before">A copy of it from before the log began: all of that was durable.</param>
    /// <param name="log">What was done since.</param>
    public DiskAfterPowerCut(string root, string before, DiskLog log)
    {
        (_root, _log) = (root.TrimEnd('/'), log);
        foreach (var directory in Directory.EnumerateDirectories(before, "*", SearchOption.AllDirectories))
            _directories.Add(Original(before, directory));
        foreach (var file in Directory.EnumerateFiles(before, "*", SearchOption.AllDirectories))
            _names[Original(before, file)] = new Inode(File.ReadAllBytes(file));
    }

    /// <summary>Goes on to where so many steps of the log were done: there the power is cut.</summary>
    public void GoTo(int steps)
    {
        for (; _done < steps; _done++)
            Do(_log.Steps[_done]);
    }

    /// <summary>Writes the files to a directory.</summary>
    /// <param name="to">It is made.</param>
    /// <param name="dice">Decides what of the unsynced is there.</param>
    /// <param name="kept">With which probability a sector is.</param>
    public void WriteTo(string to, Dice dice, double kept)
    {
        var names = new Dictionary<string, Inode>(_names);
        foreach (var change in _changes.Take(kept > 0 ? dice.Below(_changes.Count + 1) : 0))
            Apply(names, change);
        Countersign.Authority.OwnerOnly.CreateDirectory(to);
        foreach (var directory in _directories)
            Countersign.Authority.OwnerOnly.CreateDirectory(to + directory[_root.Length..]);
        foreach (var (name, file) in names)
        {
            using var made = Countersign.Authority.OwnerOnly.Open(to + name[_root.Length..], FileMode.CreateNew, FileShare.None);
            made.Write(Content(file, dice, kept).Span);
        }
    }

    private string Original(string before, string path) => _root + path[before.TrimEnd('/').Length..];

    private void Do(DiskLog.Step step)
    {
        switch (step.Operation)
        {
            case DiskLog.Operation.Opened when !step.Name.EndsWith("-shm", StringComparison.Ordinal):
                Open(step);
                break;
            case DiskLog.Operation.Written or DiskLog.Operation.Truncated when _files.TryGetValue(step.File, out var file):
                file.Pending.Add(step);
                break;
            case DiskLog.Operation.Synced when _files.TryGetValue(step.File, out var file):
                file.Pending.ForEach(pending => Do(file.Durable, pending));
                file.Pending.Clear();
                Settle(change => change.File == file && change.From is null);
                break;
            case DiskLog.Operation.NamesSynced:
                Settle(change => Path.GetDirectoryName(change.To ?? change.From) == step.Name);
                break;
            case DiskLog.Operation.Renamed:
                _changes.Add(new NameChange(Encoding.UTF8.GetString(step.Data.Span), step.Name, Now(Encoding.UTF8.GetString(step.Data.Span))));
                break;
            case DiskLog.Operation.Unlinked when Now(step.Name) is { } file:
                _changes.Add(new NameChange(step.Name, null, file));
                break;
            case DiskLog.Operation.MadeDirectory:
                _directories.Add(step.Name);
                break;
        }
    }

    private void Open(DiskLog.Step step)
    {
        if (Now(step.Name) is not { } file)
            _changes.Add(new NameChange(null, step.Name, file = new Inode([])));
        _files[step.File] = file;
    }

    // As the process sees it.
    private Inode? Now(string name)
    {
        var names = new Dictionary<string, Inode>(_names);
        foreach (var change in _changes)
            Apply(names, change);
        return names.GetValueOrDefault(name);
    }

    // A change of names becomes durable with all those before it: a journal has one order.
    private void Settle(Predicate<NameChange> which)
    {
        var count = _changes.FindLastIndex(which) + 1;
        foreach (var change in _changes.Take(count))
            Apply(_names, change);
        _changes.RemoveRange(0, count);
    }

    private static void Apply(Dictionary<string, Inode> names, NameChange change)
    {
        if (change.From is not null)
            names.Remove(change.From);
        if (change is { To: not null, File: not null })
            names[change.To] = change.File;
    }

    private static FileBytes Content(Inode file, Dice dice, double kept)
    {
        var content = file.Durable.Copy();
        foreach (var step in file.Pending)
            foreach (var part in Parts(step))
                if (dice.Chance(kept))
                    Do(content, part);
        return content;
    }

    private static IEnumerable<DiskLog.Step> Parts(DiskLog.Step step)
    {
        if (step.Operation == DiskLog.Operation.Truncated)
            yield return step;
        for (int at = 0, length; at < step.Data.Length; at += length)
        {
            length = Math.Min(Sector - (int)((step.Offset + at) % Sector), step.Data.Length - at);
            yield return step with { Offset = step.Offset + at, Data = step.Data.Slice(at, length) };
        }
    }

    private static void Do(FileBytes content, DiskLog.Step step)
    {
        if (step.Operation == DiskLog.Operation.Truncated)
            content.SetLength(step.Offset);
        else
            content.Write(step.Offset, step.Data.Span);
    }
}
