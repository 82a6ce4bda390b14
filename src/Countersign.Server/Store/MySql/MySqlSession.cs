using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>One connection and its statements, prepared once each; parameters are @1, @2 … Used by one caller at a time.</summary>
internal sealed class MySqlSession(MySqlConnection connection) : IAsyncDisposable
{
    /// <summary>The number that the last statement made, or passed through LAST_INSERT_ID.</summary>
    public long LastNumber { get; private set; }

    /// <summary>Runs statements without parameters and without preparing them.</summary>
    public async Task RunAsync(string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    /// <returns>The number of rows changed: two for a row replaced by ON DUPLICATE KEY.</returns>
    public async Task<int> ExecuteAsync(string sql, params object?[] parameters)
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        var changed = await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        LastNumber = command.LastInsertedId;
        return changed;
    }

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters) where T : class
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false) ? map(reader) : null;
    }

    /// <summary>The first row mapped by <paramref name="map"/>, or null when there is none.</summary>
    public async Task<T?> FirstValueAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters) where T : struct
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false) ? map(reader) : null;
    }

    /// <summary>The single integer that the statement returns; null for SQL's null or no row.</summary>
    public async Task<long?> NumberAsync(string sql, params object?[] parameters)
    {
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        return await command.ExecuteScalarAsync().ConfigureAwait(false) is { } value and not DBNull
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>All rows; statements that call this carry a LIMIT or are bounded by a limit of SPEC section 11.</summary>
    public async Task<IReadOnlyList<T>> AllAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] parameters)
    {
        var rows = new List<T>();
        await using var command = await BindAsync(sql, parameters).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>All rows, one after the other: nothing else may use the connection meanwhile.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(string sql, Func<DbDataReader, T> map)
    {
        await using var command = await BindAsync(sql, []).ConfigureAwait(false);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
            yield return map(reader);
    }

    // The driver keeps prepared statements with the connection: only the first call of each text goes to the server.
    private async Task<MySqlCommand> BindAsync(string sql, object?[] parameters)
    {
        var command = new MySqlCommand(sql, connection);
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters.Add(new MySqlParameter("@" + (i + 1).ToString(CultureInfo.InvariantCulture), parameters[i] ?? DBNull.Value));
        await command.PrepareAsync().ConfigureAwait(false);
        return command;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
