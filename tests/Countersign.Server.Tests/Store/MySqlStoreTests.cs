using Countersign.Testing;
using MySqlConnector;

namespace Countersign.Server.Tests;

/// <summary>The contract on MySQL or MariaDB, and what is its own.</summary>
public sealed class MySqlStoreTests : StoreContract, IDisposable
{
    private readonly ServerMetrics _metrics = new();
    private string? _connection;

    protected override async Task<IServerStore> OpenAsync()
    {
        Assert.SkipUnless(TestDatabase.IsAvailable, PrivateMariaDb.SkipReason);
        return await MySqlStore.OpenAsync(_connection ??= await TestDatabase.NewAsync(), _metrics);
    }

    // What the writer knows only in memory is gone with the object; the database itself is killed in MySqlFaultTests.
    protected override async Task CrashAsync(IServerStore store) => await store.DisposeAsync();

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
        await using var other = await MySqlStore.OpenAsync(_connection!, _metrics);
        await Task.WhenAll(
            Task.WhenAll(Enumerable.Range(0, 50).Select(i => Store.AppendAsync([Genesis("c" + i, "alice's")]))),
            Task.WhenAll(Enumerable.Range(0, 50).Select(i => other.CreateInvitationAsync(Invitation((byte)i)))));
        Assert.Equal(50, (await Store.InvitationsAsync(100)).Count);
    }

    [Fact]
    public async Task TR_01_two_servers_on_one_database_cannot_both_take_a_position()
    {
        await using var other = await MySqlStore.OpenAsync(_connection!, _metrics);
        await Store.AppendAsync([Genesis("c", "alice's")]);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await (i % 2 == 0 ? Store : other).AppendAsync([Next("c", 1, Entry("alice's", (ulong)(2 + i), "two of " + i))]);
                return StoreFault.Damaged;
            }
            catch (StoreException e)
            {
                return e.Fault;
            }
        }));
        Assert.Single(outcomes, StoreFault.Damaged);
        Assert.All(outcomes, static fault => Assert.True(fault is StoreFault.Damaged or StoreFault.Conflict or StoreFault.Unavailable));
        Assert.Equal(2ul, (await Store.FindConversationAsync(Conversation("c")))!.Size);
    }

    [Fact]
    public async Task Rows_go_in_by_runs_of_many()
    {
        await Store.AppendAsync([Genesis("c", "alice's")]);
        await Store.AppendAsync([Next("c", 1, [.. Enumerable.Range(2, 399).Select(static i => Entry("alice's", (ulong)i, "text " + i))])]);
        var read = await Store.ReadEntriesAsync(Conversation("c"), 0, 400, int.MaxValue);
        Assert.Equal(["c genesis", .. Enumerable.Range(2, 399).Select(static i => "text " + i)], read.Select(static e => System.Text.Encoding.UTF8.GetString(e.Span)));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await ExecuteAsync("UPDATE schema_version SET version = 9999");
        var refused = await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(_connection!, _metrics));
        Assert.Equal(StoreFault.NewerSchema, refused.Fault);
    }

    [Fact]
    public async Task Many_processes_that_migrate_at_once_do_it_once()
    {
        var fresh = await TestDatabase.NewAsync();
        var stores = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => MySqlStore.OpenAsync(fresh, _metrics)));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task A_migration_that_was_interrupted_is_carried_on()
    {
        // The last statement is done and its record lost; before it everything is as it was.
        await ExecuteAsync($"UPDATE schema_version SET version = {MySqlSchema.Newest - 1}, step = 0");
        await using var again = await MySqlStore.OpenAsync(_connection!, _metrics);
        await again.AppendAsync([Genesis("c", "alice's")]);
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = await MySqlStore.OpenAsync(_connection!, _metrics);
        await store.DisposeAsync();
        var refused = await Assert.ThrowsAsync<StoreException>(() => store.CreateInvitationAsync(Invitation(1)));
        Assert.Equal(StoreFault.Unavailable, refused.Fault);
    }

    [Fact]
    public async Task A26_no_exception_repeats_the_connection_string_or_a_value()
    {
        var wrong = new MySqlConnectionStringBuilder(_connection!) { Password = "correct horse" };
        var refused = await Assert.ThrowsAsync<StoreException>(() => MySqlStore.OpenAsync(wrong.ToString(), _metrics));
        Assert.DoesNotContain("horse", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(wrong.UserID, refused.ToString(), StringComparison.Ordinal);
        var unreadable = await Assert.ThrowsAsync<OptionsException>(() => MySqlStore.OpenAsync("Server=here;Database=d;Pass phrase=correct horse", _metrics));
        Assert.DoesNotContain("horse", unreadable.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("phrase", unreadable.ToString(), StringComparison.Ordinal);
    }

    protected override Task LoosenAsync(string table, string column) => ExecuteAsync($"ALTER TABLE {table} MODIFY {column} VARBINARY(64) NOT NULL");

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(_connection!);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public void Dispose() => _metrics.Dispose();
}
