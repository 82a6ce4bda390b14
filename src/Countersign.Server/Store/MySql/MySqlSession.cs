using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>One connection and its statements, prepared once each; parameters are @1, @2 … Used by one caller at a time.</summary>
/// <remarks>The driver's own limit begins when a statement is sent: neither its sending nor a PREPARE has one, and a database that is
/// frozen answers neither. Each call ends here, some seconds after that limit at the latest, and the connection with it.</remarks>
/// <param name="connection">Is closed with this.</param>
/// <param name="cancellation">Ends what runs, and the connection with it: for statements without a limit.</param>
internal sealed class MySqlSession(MySqlConnection connection, CancellationToken cancellation = default) : IAsyncDisposable
{
    // The driver first asks the database to end a statement whose time is over, and closes the connection two seconds later.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);

    /// <summary>The number that the last statement made, or passed through LAST_INSERT_ID.</summary>
    public long LastNumber { get; private set; }

    /// <summary>The connection is of no more use: the database ended it, or a call was not answered in time and may still wait.</summary>
    public bool IsLost => _isAbandoned || connection.State != System.Data.ConnectionState.Open;

    private bool _isAbandoned;

    /// <summary>Runs statements without parameters and without preparing them.</summary>
    public async Task RunAsync(string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await InTimeAsync(command, command.ExecuteNonQueryAsync(cancellation)).ConfigureAwait(false);
    }

    /// <returns>The number of rows changed: two for a row replaced by ON DUPLICATE KEY.</returns>
    public async Task<int> ExecuteAsync(string sql, params object?[] parameters)
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        var changed = await InTimeAsync(command, command.ExecuteNonQueryAsync(cancellation)).ConfigureAwait(false);
        LastNumber = command.LastInsertedId;
        return changed;
    }

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters) where T : class
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await InTimeAsync(command, command.ExecuteReaderAsync(cancellation)).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
            return null;
        var first = Rows.Of(reader, map);
        await ReadToEndAsync(reader).ConfigureAwait(false);
        return first;
    }

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public async Task<T?> FirstValueAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters) where T : struct
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await InTimeAsync(command, command.ExecuteReaderAsync(cancellation)).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellation).ConfigureAwait(false))
            return null;
        var first = Rows.Of(reader, map);
        await ReadToEndAsync(reader).ConfigureAwait(false);
        return first;
    }

    /// <summary>The single integer that the statement returns; null for SQL's null or no row.</summary>
    public async Task<long?> NumberAsync(string sql, params object?[] parameters)
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        return await InTimeAsync(command, command.ExecuteScalarAsync(cancellation)).ConfigureAwait(false) is { } value and not DBNull
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>All rows; statements that call this carry a LIMIT or are bounded by a limit of SPEC section 11.</summary>
    public async Task<IReadOnlyList<T>> AllAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters)
    {
        var rows = new List<T>();
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await InTimeAsync(command, command.ExecuteReaderAsync(cancellation)).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            rows.Add(Rows.Of(reader, map));
        return rows;
    }

    /// <summary>All rows, one after the other: nothing else may use the connection meanwhile.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(string sql, Func<DbDataReader, T> map)
    {
        await using var command = await BindAsync(sql, []).ConfigureAwait(false);
        command.CommandTimeout = 0;
        await using var reader = await InTimeAsync(command, command.ExecuteReaderAsync(cancellation)).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            yield return map(reader);
    }

    // What a reader has left is read when it is disposed, and that has no limit, either.
    private async Task ReadToEndAsync(MySqlDataReader reader)
    {
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) { }
    }

    // The driver keeps prepared statements with the connection: only the first call of each text goes to the server.
    private async Task<MySqlCommand> BindAsync(string sql, object?[] parameters)
    {
        var command = new MySqlCommand(sql, connection);
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters.Add(new MySqlParameter("@" + (i + 1).ToString(CultureInfo.InvariantCulture), parameters[i] ?? DBNull.Value));
        await InTimeAsync(command, command.PrepareAsync(cancellation)).ConfigureAwait(false);
        return command;
    }

    private async Task<T> InTimeAsync<T>(MySqlCommand command, Task<T> call)
    {
        await InTimeAsync(command, (Task)call).ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    private async Task InTimeAsync(MySqlCommand command, Task call)
    {
        var limit = command.CommandTimeout == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(command.CommandTimeout) + Grace;
        try
        {
            await EndAsync(call, limit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _isAbandoned = true;
            Forget(call);
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    private async Task EndAsync(Task call, TimeSpan limit)
    {
        try
        {
            await call.WaitAsync(limit, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.IsCompleted)
        {
            await call.WaitAsync(Grace, CancellationToken.None).ConfigureAwait(false); // the driver has the database end it
        }
    }

    /// <summary>Closes the connection. One that does not answer may keep the driver waiting: then it is left to close by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsLost)
            await MySqlConnection.ClearPoolAsync(connection).ConfigureAwait(false); // the others are as dead as this one, and this one is not lent again
        var closing = connection.DisposeAsync().AsTask();
        if (_isAbandoned)
            Forget(closing);
        else
            await closing.ConfigureAwait(false);
    }

    // Nobody waits for it any more; its failure was told as the end of the time.
    private static void Forget(Task task) => task.ContinueWith(
        static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
