using System.Net.Sockets;
using MySqlConnector;

namespace Countersign.Server;

/// <summary>What the driver reports, as <see cref="StoreException"/>. The driver's own text is dropped: it quotes values and names
/// accounts; its number stays.</summary>
internal static class MySqlFaults
{
    /// <summary>A failure of the database or of the way to it; anything else is a bug of ours.</summary>
    public static bool Is(Exception e) => e is MySqlException or MySqlProtocolException or IOException or SocketException or TimeoutException;

    public static StoreException Of(string operation, Exception e) => e is MySqlException { ErrorCode: MySqlErrorCode.DuplicateKeyEntry }
        ? new StoreException(StoreFault.Conflict, operation + " would break a uniqueness rule.")
        : new StoreException(StoreFault.Unavailable, $"{operation} failed at the database ({Name(e)}).");

    private static string Name(Exception e) => e is MySqlException known ? known.ErrorCode.ToString() : e.GetType().Name;
}
