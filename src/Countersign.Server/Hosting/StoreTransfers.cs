using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>A store was checked and is not what it should be; the findings say where.</summary>
public sealed class StoreFlawedException(StoreFindings findings) : Exception("What was read back is flawed.")
{
    public StoreFindings Findings { get; } = findings;
}

/// <summary>Backup, restore, check and move of a server's data. All of them work on the files of <paramref name="server"/>, without its
/// passphrase; restore and move need it stopped.</summary>
/// <param name="server">The server's directory.</param>
/// <param name="clock">For marks.</param>
/// <param name="cancellation">Ends what runs, with an <see cref="OperationCanceledException"/>.</param>
public sealed class StoreTransfers(string server, TimeProvider clock, CancellationToken cancellation = default)
{
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    private const int Corrupt = 11;
    private const int NoDatabase = 26;

    private readonly ServerFiles _files = new(server);

    /// <summary>Brings the schema up to date, and nothing else.</summary>
    /// <returns>The version it has now.</returns>
    /// <exception cref="StoreException"/>
    public async Task<int> MigrateAsync(StoreChoice choice)
    {
        _files.ReadName();
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        return choice.Kind == StoreKind.MySql ? MySqlSchema.Newest : SqliteSchema.Newest;
    }

    /// <summary>Reads everything and recomputes what can be; also whether the lists that are here say what the store says was revoked
    /// (CE-16). The server may run.</summary>
    /// <exception cref="StoreException">Also where the server has no store yet: none is made.</exception>
    /// <exception cref="AuthorityException">There is no server.</exception>
    public async Task<StoreFindings> CheckAsync(StoreChoice choice, IProgress<StoreProgress>? progress)
    {
        _files.ReadName();
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenMadeAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        var check = new StoreCheck(store, RecordedTrust.Of(_files), cancellation);
        var findings = await check.RunAsync(progress).ConfigureAwait(false);
        return findings with { Flaws = await check.UnlistedAsync(() => [_files.ReadRootList(), .. _files.ReadOwnLists()]).ConfigureAwait(false) };
    }

    /// <summary>Writes all data as it is at one moment into one new file, a SQLite database with the tables of the embedded store,
    /// whatever the store is. The server may run.</summary>
    /// <exception cref="StoreException">Also where the server has no store yet: none is made.</exception>
    /// <exception cref="AuthorityException">AlreadyInitialised: the file exists. NotInitialised: there is no server.</exception>
    public async Task BackupAsync(StoreChoice choice, string file, IProgress<StoreProgress>? progress)
    {
        _files.ReadName();
        file = Path.GetFullPath(file);
        if (File.Exists(file))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, file);
        using (var metrics = new ServerMetrics())
            await (await ServerStores.OpenMadeAsync(_files, choice, metrics, cancellation).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        using var unfinished = new ScratchDatabase(file + ".unfinished");
        await TranslateAsync($"The backup into {file}", async () =>
        {
            await using var from = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
            await using (var to = SqliteRows.Open(unfinished.Path, cancellation))
            {
                await from.BeginSnapshotAsync().ConfigureAwait(false);
                await StoreCopy.RunAsync(from, to, clock.GetUtcNow(), progress, cancellation).ConfigureAwait(false);
                await to.UnmarkAsync(StoreMark.Unfinished).ConfigureAwait(false);
                to.Settle();
            }
            File.Move(unfinished.Path, file, overwrite: false);
        }).ConfigureAwait(false);
    }

    /// <summary>Puts a backup into the empty store of a stopped server, checks all of it, and holds its conversations (TR-04). What must
    /// not come back with a backup does not: one-time prekeys count as handed out, open invitations as revoked. The old store's file that a
    /// move has closed is a backup, too: of the moment of the move.</summary>
    /// <exception cref="StoreException">Unsuitable: the store is not empty, or the backup is another server's, or none that was finished.</exception>
    /// <exception cref="StoreFlawedException">The backup does not pass the check; the store stays unusable.</exception>
    /// <exception cref="AuthorityException">The server runs.</exception>
    public async Task<StoreFindings> RestoreAsync(StoreChoice choice, string file, IProgress<StoreProgress>? progress)
    {
        using var stopped = _files.RequireStopped();
        using var copy = ScratchDatabase.CopyOf(file, Path.Combine(_files.Path, "restoring.db"));
        return await TranslateAsync($"The restore of {file}", async () =>
        {
            await using var from = await OpenBackupAsync(file, copy.Path).ConfigureAwait(false);
            await using var to = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
            await from.BeginSnapshotAsync().ConfigureAwait(false);
            await StoreCopy.RunAsync(from, to, clock.GetUtcNow(), progress, cancellation).ConfigureAwait(false);
            await HoldAsync(to).ConfigureAwait(false);
            return await FinishAsync(choice, to, progress, static () => Task.CompletedTask).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Moves the data of a stopped server into another, empty store, checks all of it there, and closes the old one for good.
    /// Nothing can be missing, so nothing is held. A move that was interrupted after the check is finished by the same call again.</summary>
    /// <exception cref="StoreException">Unsuitable: the store to move to is not empty, or the old one was moved elsewhere.</exception>
    /// <exception cref="StoreFlawedException">The old store goes on being the server's.</exception>
    /// <exception cref="AuthorityException">The server runs.</exception>
    public async Task<StoreFindings> MoveAsync(StoreChoice choice, StoreChoice target, IProgress<StoreProgress>? progress)
    {
        if (choice.Kind == target.Kind)
            throw new OptionsException("A store is moved to one of another kind: within a kind the database's own tools do it.");
        using var stopped = _files.RequireStopped();
        return await TranslateAsync("The move", async () => await IsAlmostMovedAsync(choice, target).ConfigureAwait(false)
            ? await FinishMoveAsync(target, progress).ConfigureAwait(false)
            : await MoveAllAsync(choice, target, progress).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // At no moment can both stores be opened: the old one is closed for good before the new one loses its mark. Both marks have one time,
    // which says that this copy is the one that was complete when the old store was closed.
    private async Task<StoreFindings> MoveAllAsync(StoreChoice choice, StoreChoice target, IProgress<StoreProgress>? progress)
    {
        using (var metrics = new ServerMetrics())
            await (await ServerStores.OpenMadeAsync(_files, choice, metrics, cancellation).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        await using var from = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
        await using var to = await StoreRows.OpenAsync(_files, target, cancellation).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        await from.BeginExclusiveAsync().ConfigureAwait(false);
        await StoreCopy.RunAsync(from, to, now, progress, cancellation).ConfigureAwait(false);
        return await FinishAsync(target, to, progress, async () =>
        {
            await from.MarkAsync(StoreMark.Moved, now).ConfigureAwait(false);
            await from.CommitAsync().ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task<StoreFindings> FinishMoveAsync(StoreChoice target, IProgress<StoreProgress>? progress)
    {
        await using var to = await StoreRows.OpenAsync(_files, target, cancellation).ConfigureAwait(false);
        return await FinishAsync(target, to, progress, static () => Task.CompletedTask).ConfigureAwait(false);
    }

    private async Task<bool> IsAlmostMovedAsync(StoreChoice choice, StoreChoice target) =>
        await FindMarkAsync(choice, StoreMark.Moved).ConfigureAwait(false) is { } moved && await FindMarkAsync(target, StoreMark.Unfinished).ConfigureAwait(false) == moved;

    private async Task<DateTimeOffset?> FindMarkAsync(StoreChoice choice, StoreMark mark)
    {
        if (choice.Kind == StoreKind.Sqlite && !File.Exists(_files.Database))
            return null; // opening would make it
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAnyAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        return await store.FindMarkAsync(mark).ConfigureAwait(false);
    }

    private async Task<StoreRows> OpenBackupAsync(string file, string copy)
    {
        SqliteRows from;
        try
        {
            from = SqliteRows.Open(copy, cancellation);
        }
        catch (StoreException e) when (e.InnerException is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: NoDatabase or Corrupt })
        {
            throw new StoreException(StoreFault.Unsuitable, $"{file} is no backup, or a damaged one: its bytes are not those of a database. Name a file that admin backup wrote.", e);
        }
        try
        {
            await RequireFinishedAsync(from, file).ConfigureAwait(false);
            return from;
        }
        catch
        {
            await from.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The mark is not copied: an unfinished copy would pass for a finished one. And a database without a secret is nobody's.
    private static async Task RequireFinishedAsync(StoreRows from, string file)
    {
        var (hasSecret, isUnfinished) = (false, false);
        await foreach (var row in from.ReadAsync(StoreTable.All[0]).ConfigureAwait(false))
        {
            hasSecret |= row[0] is "secret";
            isUnfinished |= row[0] is string name && name == Rows.Name(StoreMark.Unfinished);
        }
        if (!hasSecret || isUnfinished)
            throw new StoreException(StoreFault.Unsuitable, $"{file} is no finished backup: the copying into it was interrupted, or never began. Name a file that admin backup wrote.");
    }

    private async Task HoldAsync(StoreRows rows)
    {
        var now = clock.GetUtcNow();
        await rows.BeginAsync().ConfigureAwait(false);
        await rows.MarkAsync(StoreMark.Restored, now).ConfigureAwait(false);
        await rows.UnmarkAsync(StoreMark.Moved).ConfigureAwait(false); // was said of the file it comes from: this one is held like any other
        await rows.ExecuteAsync("DELETE FROM held").ConfigureAwait(false);
        await rows.ExecuteAsync("INSERT INTO held (conversation) SELECT conversation FROM conversations").ConfigureAwait(false);
        await rows.ExecuteAsync("UPDATE prekeys SET bytes = NULL WHERE last_resort = 0 AND bytes IS NOT NULL").ConfigureAwait(false); // SE-08
        await rows.ExecuteAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"UPDATE invitations SET revoked_at = {now.ToUnixTimeMilliseconds()} WHERE key_hash IS NULL AND revoked_at IS NULL")).ConfigureAwait(false); // IN-03
        await rows.CommitAsync().ConfigureAwait(false);
    }

    // The mark Unfinished goes last: until then the store opens for nobody.
    private async Task<StoreFindings> FinishAsync(StoreChoice choice, StoreRows rows, IProgress<StoreProgress>? progress, Func<Task> whenChecked)
    {
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAnyAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        await ServerStores.RequireSameServerAsync(_files, store).ConfigureAwait(false);
        var findings = await new StoreCheck(store, RecordedTrust.Of(_files), cancellation).RunAsync(progress).ConfigureAwait(false);
        if (findings.Flaws.Count > 0)
            throw new StoreFlawedException(findings);
        await whenChecked().ConfigureAwait(false);
        await ServerStores.AdoptAsync(_files, choice.Kind, store).ConfigureAwait(false);
        await rows.UnmarkAsync(StoreMark.Unfinished).ConfigureAwait(false);
        return findings;
    }

    private static async Task<T> TranslateAsync<T>(string operation, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException)
        {
            throw new StoreException(StoreFault.Unavailable, operation + " failed at the database file.", e);
        }
        catch (Exception e) when (MySqlFaults.Is(e) && e is not IOException)
        {
            throw MySqlFaults.Of(operation, e);
        }
    }

    private static Task TranslateAsync(string operation, Func<Task> work) => TranslateAsync<object?>(operation, async () =>
    {
        await work().ConfigureAwait(false);
        return null;
    });
}

/// <summary>A database file that is needed for a while. Nothing of it stays, however that ends: it takes as much room as the store.</summary>
internal sealed class ScratchDatabase : IDisposable
{
    public ScratchDatabase(string path)
    {
        Path = path;
        Dispose(); // what a killed process left
    }

    /// <summary>A copy of a backup, for its schema may have to be brought up to date; the backup itself is never written to.</summary>
    public static ScratchDatabase CopyOf(string file, string path)
    {
        var copy = new ScratchDatabase(path);
        try
        {
            using var from = File.OpenRead(file);
            using var to = OwnerOnly.Open(copy.Path, FileMode.CreateNew, FileShare.None);
            from.CopyTo(to);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public void Dispose()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(Path + suffix);
    }
}
