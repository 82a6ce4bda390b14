namespace Countersign.Server;

/// <summary>Which database a server keeps its data in.</summary>
public enum StoreKind
{
    /// <summary>The file server.db in the server's directory.</summary>
    Sqlite,

    /// <summary>MySQL or MariaDB, by a connection string.</summary>
    MySql,
}

/// <summary>Where a server keeps its data. The connection string is a secret: nothing prints it.</summary>
public sealed class StoreChoice
{
    /// <summary>Longest connection string, and content of a file that holds one, in characters.</summary>
    public const int MaxConnection = 4096;

    private readonly string _connection;

    private StoreChoice(StoreKind kind, string connection, string? file) => (Kind, _connection, ConnectionFile) = (kind, connection, file);

    public static StoreChoice Sqlite { get; } = new(StoreKind.Sqlite, "", null);

    public StoreKind Kind { get; }

    /// <summary>The file that the connection string was read from, if it was.</summary>
    public string? ConnectionFile { get; }

    /// <param name="connection">As MySqlConnector reads it: Server=…;Database=…;User ID=…;Password=…;SslMode=VerifyFull.</param>
    /// <param name="file">Where it was read.</param>
    /// <exception cref="OptionsException">It cannot be used.</exception>
    public static StoreChoice MySql(string connection, string? file = null)
    {
        MySqlConnections.Parse(connection);
        return new StoreChoice(StoreKind.MySql, connection, file);
    }

    internal string Connection => _connection;

    /// <summary>The connection string in a file: its first line.</summary>
    /// <exception cref="OptionsException">The file cannot be read, or is too long.</exception>
    public static string ReadConnection(string path)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxConnection)
                return File.ReadLines(path).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, "cannot be read");
        }
        throw Unusable(path, "is too long for a connection string");
    }

    // Who has put the connection string there itself does not find it in a log.
    private static OptionsException Unusable(string path, string what) => new(path.Contains('=', StringComparison.Ordinal)
        ? $"The file that the setting 'connectionStringFile' names {what}; the name looks like a connection string, and is not shown."
        : $"The file of the setting 'connectionStringFile', {path}, {what}.");

    /// <summary>The kind alone.</summary>
    public override string ToString() => Kind.ToString();
}
