using System.Net;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>The connection string of an operator, checked, with what this store needs set on it.</summary>
internal sealed class MySqlConnections
{
    private readonly string _pooled;
    private readonly string _own;
    private readonly string _patient;

    private MySqlConnections(MySqlConnectionStringBuilder settings)
    {
        settings.Pooling = true;
        _pooled = settings.ToString();
        settings.Pooling = false;
        _own = settings.ToString();
        settings.DefaultCommandTimeout = 0;
        settings.Keepalive = 30; // seconds: without a limit, only the system finds out that the other machine is gone
        _patient = settings.ToString();
    }

    /// <exception cref="OptionsException">Not a connection string, without a database, or unprotected to another machine.</exception>
    public static MySqlConnections Parse(string connectionString)
    {
        MySqlConnectionStringBuilder settings;
        try
        {
            settings = new MySqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new OptionsException("The setting 'connectionString' is no connection string that MySqlConnector understands."); // its words would repeat parts of it
        }
        if (settings.Database.Length == 0 || settings.Server.Length == 0)
            throw new OptionsException("The setting 'connectionString' must name Server and Database.");
        RequireProtection(settings);
        settings.UseAffectedRows = true;         // counts of rows mean changed rows
        settings.TreatTinyAsBoolean = false;
        settings.ConnectionReset = false;        // no call changes a pooled session; keeps its prepared statements
        settings.AutoEnlist = false;
        settings.AllowUserVariables = false;
        settings.AllowLoadLocalInfile = false;
        settings.PersistSecurityInfo = false;
        settings.ApplicationName = "countersign";
        settings.ConnectionTimeout = Math.Clamp(settings.ConnectionTimeout, 1, 5);
        settings.DefaultCommandTimeout = Math.Clamp(settings.DefaultCommandTimeout, 1, 10);
        settings.CancellationTimeout = 2;        // 0 would switch the limit off
        return new MySqlConnections(settings);
    }

    // What this store holds is evidence, and a connection string without SslMode takes whatever the network offers.
    private static void RequireProtection(MySqlConnectionStringBuilder settings)
    {
        var isHere = settings.ConnectionProtocol is MySqlConnectionProtocol.UnixSocket
            || settings.Server.StartsWith('/')
            || settings.Server.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(settings.Server, out var address) && IPAddress.IsLoopback(address);
        if (!isHere && settings.SslMode is not (MySqlSslMode.VerifyCA or MySqlSslMode.VerifyFull))
            throw new OptionsException("The setting 'connectionString' must say SslMode=VerifyFull (or VerifyCA) for a database on another machine.");
    }

    /// <summary>A connection of the pool, for one read.</summary>
    public Task<MySqlConnection> PooledAsync() => OpenAsync(_pooled);

    /// <summary>A connection that nobody else will have.</summary>
    public Task<MySqlConnection> OwnAsync() => OpenAsync(_own);

    /// <summary>The same for what takes as long as the database is large: migrations and copies of everything. Its statements have no
    /// limit of time.</summary>
    public Task<MySqlConnection> PatientAsync() => OpenAsync(_patient);

    private static async Task<MySqlConnection> OpenAsync(string settings)
    {
        var connection = new MySqlConnection(settings);
        try
        {
            await connection.OpenAsync().ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the pool.</summary>
    public async Task CloseAsync()
    {
        await using var pool = new MySqlConnection(_pooled);
        await MySqlConnection.ClearPoolAsync(pool).ConfigureAwait(false);
    }

    public override string ToString() => nameof(MySqlConnections);
}
