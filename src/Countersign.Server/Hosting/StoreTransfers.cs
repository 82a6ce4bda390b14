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

    /// <summary>Reads everything and recomputes what can be. The server may run.</summary>
    /// <exception cref="StoreException"/>
    public async Task<StoreFindings> CheckAsync(StoreChoice choice, IProgress<StoreProgress>? progress)
    {
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        return await new StoreCheck(store, RecordedTrust.Of(_files), cancellation).RunAsync(progress).ConfigureAwait(false);
    }

    /// <summary>Writes all data as it is at one moment into one new file, a SQLite database with the tables of the embedded store,
    /// whatever the store is. The server may run.</summary>
    /// <exception cref="StoreException"/>
    /// <exception cref="AuthorityException">AlreadyInitialised: the file exists.</exception>
    public async Task BackupAsync(StoreChoice choice, string file, IProgress<StoreProgress>? progress)
    {
        file = Path.GetFullPath(file);
        if (File.Exists(file))
            throw new AuthorityException(AuthorityFault.AlreadyInitialised, file);
        using (var metrics = new ServerMetrics())
            await (await ServerStores.OpenAsync(_files, choice, metrics, cancellation).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        var unfinished = file + ".unfinished";
        File.Delete(unfinished);
        await TranslateAsync("The backup", async () =>
        {
            await using var from = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
            await using (var to = SqliteRows.Open(unfinished))
            {
                await from.BeginSnapshotAsync().ConfigureAwait(false);
                await StoreCopy.RunAsync(from, to, clock.GetUtcNow(), progress, cancellation).ConfigureAwait(false);
                await to.UnmarkAsync(StoreMark.Unfinished).ConfigureAwait(false);
                to.Settle();
            }
            File.Move(unfinished, file, overwrite: false);
        }).ConfigureAwait(false);
    }

    /// <summary>Puts a backup into the empty store of a stopped server, checks all of it, and holds its conversations (TR-04). What must
    /// not come back with a backup does not: one-time prekeys count as handed out, open invitations as revoked.</summary>
    /// <exception cref="StoreException">Unsuitable: the store is not empty, or the backup is another server's.</exception>
    /// <exception cref="StoreFlawedException">The backup does not pass the check; the store stays unusable.</exception>
    /// <exception cref="AuthorityException">The server runs.</exception>
    public async Task<StoreFindings> RestoreAsync(StoreChoice choice, string file, IProgress<StoreProgress>? progress)
    {
        using var stopped = _files.RequireStopped();
        using var copy = new BackupCopy(file, _files.Path);
        return await TranslateAsync("The restore", async () =>
        {
            await using var from = SqliteRows.Open(copy.Path);
            await using var to = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
            await from.BeginSnapshotAsync().ConfigureAwait(false);
            await StoreCopy.RunAsync(from, to, clock.GetUtcNow(), progress, cancellation).ConfigureAwait(false);
            await HoldAsync(to).ConfigureAwait(false);
            return await FinishAsync(choice, to, progress).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Moves the data of a stopped server into another, empty store, checks all of it there, and closes the old one for good.
    /// Nothing can be missing, so nothing is held.</summary>
    /// <exception cref="StoreException"/>
    /// <exception cref="StoreFlawedException">The old store goes on being the server's.</exception>
    /// <exception cref="AuthorityException">The server runs.</exception>
    public async Task<StoreFindings> MoveAsync(StoreChoice choice, StoreChoice target, IProgress<StoreProgress>? progress)
    {
        if (choice.Kind == target.Kind)
            throw new OptionsException("A store is moved to one of another kind: within a kind the database's own tools do it.");
        using var stopped = _files.RequireStopped();
        using (var metrics = new ServerMetrics())
            await (await ServerStores.OpenAsync(_files, choice, metrics, cancellation).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        return await TranslateAsync("The move", async () =>
        {
            await using var from = await StoreRows.OpenAsync(_files, choice, cancellation).ConfigureAwait(false);
            await using var to = await StoreRows.OpenAsync(_files, target, cancellation).ConfigureAwait(false);
            await from.BeginExclusiveAsync().ConfigureAwait(false);
            await StoreCopy.RunAsync(from, to, clock.GetUtcNow(), progress, cancellation).ConfigureAwait(false);
            var findings = await FinishAsync(target, to, progress).ConfigureAwait(false);
            await from.MarkAsync(StoreMark.Moved, clock.GetUtcNow()).ConfigureAwait(false);
            await from.CommitAsync().ConfigureAwait(false);
            return findings;
        }).ConfigureAwait(false);
    }

    private async Task HoldAsync(StoreRows rows)
    {
        var now = clock.GetUtcNow();
        await rows.BeginAsync().ConfigureAwait(false);
        await rows.MarkAsync(StoreMark.Restored, now).ConfigureAwait(false);
        await rows.ExecuteAsync("DELETE FROM held").ConfigureAwait(false);
        await rows.ExecuteAsync("INSERT INTO held (conversation) SELECT conversation FROM conversations").ConfigureAwait(false);
        await rows.ExecuteAsync("UPDATE prekeys SET bytes = NULL WHERE last_resort = 0 AND bytes IS NOT NULL").ConfigureAwait(false); // SE-08
        await rows.ExecuteAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"UPDATE invitations SET revoked_at = {now.ToUnixTimeMilliseconds()} WHERE key_hash IS NULL AND revoked_at IS NULL")).ConfigureAwait(false); // IN-03
        await rows.CommitAsync().ConfigureAwait(false);
    }

    // The mark Unfinished goes last: until then the store opens for nobody.
    private async Task<StoreFindings> FinishAsync(StoreChoice choice, StoreRows rows, IProgress<StoreProgress>? progress)
    {
        using var metrics = new ServerMetrics();
        await using var store = await ServerStores.OpenAnyAsync(_files, choice, metrics, cancellation).ConfigureAwait(false);
        await ServerStores.RequireSameServerAsync(_files, store).ConfigureAwait(false);
        var findings = await new StoreCheck(store, RecordedTrust.Of(_files), cancellation).RunAsync(progress).ConfigureAwait(false);
        if (findings.Flaws.Count > 0)
            throw new StoreFlawedException(findings);
        await rows.UnmarkAsync(StoreMark.Unfinished).ConfigureAwait(false);
        await ServerStores.AdoptAsync(_files, choice.Kind, store).ConfigureAwait(false);
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

/// <summary>A copy of a backup, for its schema may have to be brought up to date; the backup itself is never written to.</summary>
internal sealed class BackupCopy : IDisposable
{
    public BackupCopy(string file, string directory)
    {
        Path = System.IO.Path.Combine(directory, "restoring.db");
        Dispose();
        using var from = File.OpenRead(file);
        using var to = OwnerOnly.Open(Path, FileMode.CreateNew, FileShare.None);
        from.CopyTo(to);
    }

    public string Path { get; }

    public void Dispose()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(Path + suffix);
    }
}
