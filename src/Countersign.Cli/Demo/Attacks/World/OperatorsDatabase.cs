using Microsoft.Data.Sqlite;

namespace Countersign.Cli;

/// <summary>The server's database in its operator's hands: what is in it, and what the server makes of it, is as he likes.</summary>
internal sealed class OperatorsDatabase : IDisposable
{
    private readonly SqliteConnection _connection;

    public OperatorsDatabase(AttackWorld world)
    {
        _connection = new SqliteConnection($"Data Source={Path.Combine(world.Places.Server, "server.db")};Pooling=False");
        _connection.Open();
    }

    /// <summary>Changes it behind the running server's back.</summary>
    public static void Change(AttackWorld world, Action<OperatorsDatabase> change)
    {
        using var database = new OperatorsDatabase(world);
        change(database);
    }

    /// <summary>Runs one statement; returns how many rows it changed.</summary>
    /// <param name="statement">Its values are $1, $2 …</param>
    /// <param name="values">In their order.</param>
    public int Execute(string statement, params ReadOnlySpan<object> values)
    {
        using var command = Command(statement, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row.</summary>
    /// <exception cref="DemoException">There is none.</exception>
    public T Find<T>(string query, params ReadOnlySpan<object> values)
    {
        using var command = Command(query, values);
        return command.ExecuteScalar() is T found ? found : throw new DemoException("the operator does not find what he looks for");
    }

    public void Dispose() => _connection.Dispose();

    // The statements are this demonstration's own.
#pragma warning disable CA2100
    private SqliteCommand Command(string text, ReadOnlySpan<object> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        return command;
    }
#pragma warning restore CA2100
}
