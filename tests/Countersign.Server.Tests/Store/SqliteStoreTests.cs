using Countersign.Testing;

namespace Countersign.Server.Tests;

/// <summary>The contract on SQLite, and what is SQLite's own.</summary>
public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ServerMetrics _metrics = new();
    private int _lives;

    private string Database => _directory[$"life {_lives}.db"];

    protected override Task<IServerStore> OpenAsync() => Task.FromResult<IServerStore>(SqliteStore.Open(Database, _metrics));

    // A killed process leaves the database and its log as they are, and no checkpoint happens: the copy is what it leaves.
    protected override async Task CrashAsync(IServerStore store)
    {
        var (database, log) = (Database, Database + "-wal");
        _lives++;
        File.Copy(database, Database);
        File.Copy(log, Database + "-wal");
        await store.DisposeAsync();
    }

    protected override Task ExecuteAsync(string sql)
    {
        using var session = new SqliteSession(Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        session.Execute(sql);
        return Task.CompletedTask;
    }

    protected override Task LoosenAsync(string table, string column) => Task.CompletedTask; // it takes them

    [Fact]
    public void The_database_is_synchronous_and_has_a_write_ahead_log()
    {
        using var session = new SqliteSession(Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        Assert.Equal("wal", session.First("PRAGMA journal_mode", static row => row.GetString(0)));
        Assert.True(File.Exists(Database + "-wal"));
    }

    [Fact]
    public void A26_only_the_owner_reads_the_database()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.GetFiles(_directory.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Writes_that_wait_together_are_committed_together()
    {
        using var prometheus = new PrometheusText(_metrics);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Store.CreateInvitationAsync(
            Invitation((byte)i) with { Id = new Protocol.InvitationId(Hash(i.ToString(System.Globalization.CultureInfo.InvariantCulture)).Span[..16]) })));
        var text = prometheus.Render();
        Assert.Contains("countersign_store_commit_writes_sum 200\n", text, StringComparison.Ordinal);
        var commits = text.Split('\n').Single(static line => line.StartsWith("countersign_store_commit_writes_count ", StringComparison.Ordinal));
        Assert.InRange(int.Parse(commits.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), 1, 100);
    }

    [Fact]
    public async Task Another_process_may_write_meanwhile()
    {
        await using var other = SqliteStore.Open(Database, _metrics);
        await Task.WhenAll(
            Task.WhenAll(Enumerable.Range(0, 50).Select(i => Store.AppendAsync([Genesis("c" + i, "alice's")]))),
            Task.WhenAll(Enumerable.Range(0, 50).Select(i => other.CreateInvitationAsync(Invitation((byte)i)))));
        Assert.Equal(50, (await Store.InvitationsAsync(100)).Count);
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused()
    {
        using (var session = new SqliteSession(Database, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
            session.Execute("PRAGMA user_version = 9999");
        var refused = Assert.Throws<StoreException>(() => SqliteStore.Open(Database, _metrics));
        Assert.Equal(StoreFault.NewerSchema, refused.Fault);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = SqliteStore.Open(_directory["closed.db"], _metrics);
        await store.DisposeAsync();
        var refused = await Assert.ThrowsAsync<StoreException>(() => store.CreateInvitationAsync(Invitation(1)));
        Assert.Equal(StoreFault.Unavailable, refused.Fault);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _directory.Dispose();
    }
}
