using System.Security.Cryptography;
using Countersign.Authority;

namespace Countersign.Server;

/// <summary>Opens the store of a server's directory: the right one, or none.</summary>
/// <remarks>The file server.store says which store it is, by kind and by a hash of the server's secret in it. A server that was started,
/// by mistake, on an empty or another database would sign contradicting transcripts in all innocence.</remarks>
internal static class ServerStores
{
    /// <exception cref="OptionsException">Another kind of store belongs to this directory.</exception>
    /// <exception cref="StoreException">It cannot be opened; Unsuitable if it is another server's, was moved, or is half restored.</exception>
    public static async Task<IServerStore> OpenAsync(ServerFiles files, StoreChoice choice, ServerMetrics metrics, CancellationToken cancellation = default)
    {
        var expected = Expected(files);
        if (expected is { } known && known.Kind != choice.Kind)
            throw new OptionsException($"The data of this server is in a store of kind {Word(known.Kind)}: the setting 'store' must say so, in server.json or the environment.");
        if (expected is { Kind: StoreKind.Sqlite } && !File.Exists(files.Database))
            throw new StoreException(StoreFault.Unsuitable, "The database server.db is missing: restore a backup.");
        var store = await OpenAnyAsync(files, choice, metrics, cancellation).ConfigureAwait(false);
        try
        {
            await RequireUsableAsync(store).ConfigureAwait(false);
            if (expected is null)
                Remember(files, choice.Kind, await IdentityAsync(store).ConfigureAwait(false));
            else
                await RequireSameServerAsync(files, store).ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The same where a server has its store already; nothing is made where it has none. An empty database made in passing would take
    /// the place of the one that is to be restored.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static Task<IServerStore> OpenMadeAsync(ServerFiles files, StoreChoice choice, ServerMetrics metrics, CancellationToken cancellation = default) => IsMade(files, choice)
        ? OpenAsync(files, choice, metrics, cancellation)
        : throw new StoreException(StoreFault.Unsuitable, $"The server in {files.Path} has no database yet: its first start makes one, or admin restore.");

    /// <summary>Whether a store belongs to the server, or would when it is opened.</summary>
    public static bool IsMade(ServerFiles files, StoreChoice choice) => File.Exists(files.Store) || choice.Kind == StoreKind.Sqlite && File.Exists(files.Database);

    /// <summary>The same without asking whose it is.</summary>
    public static async Task<IServerStore> OpenAnyAsync(
        ServerFiles files, StoreChoice choice, ServerMetrics metrics, CancellationToken cancellation) => choice.Kind == StoreKind.MySql
        ? await MySqlStore.OpenAsync(choice.Connection, metrics, cancellation).ConfigureAwait(false)
        : SqliteStore.Open(files.Database, metrics, cancellation);

    /// <summary>From now on this store, and no other, belongs to the directory.</summary>
    public static async Task AdoptAsync(ServerFiles files, StoreKind kind, IServerStore store) =>
        Remember(files, kind, await IdentityAsync(store).ConfigureAwait(false));

    /// <summary>The store holds the secret of the server whose directory this is, if the directory knows it.</summary>
    /// <exception cref="StoreException">Unsuitable.</exception>
    public static async Task RequireSameServerAsync(ServerFiles files, IServerStore store)
    {
        if (Expected(files) is { } expected && expected.Identity != await IdentityAsync(store).ConfigureAwait(false))
            throw new StoreException(StoreFault.Unsuitable, "This is not the database of this server: it has another server's secret, or is empty.");
    }

    private static async Task RequireUsableAsync(IServerStore store)
    {
        if (await store.FindMarkAsync(StoreMark.Unfinished).ConfigureAwait(false) is not null)
            throw new StoreException(StoreFault.Unsuitable, "A restore or a move into this database was interrupted: docs/OPERATIONS.md says how each goes on.");
        if (await store.FindMarkAsync(StoreMark.Moved).ConfigureAwait(false) is not null)
            throw new StoreException(StoreFault.Unsuitable, "The contents of this database were moved to another, which alone goes on. If the move was interrupted, the same move again finishes it.");
    }

    private static async Task<string> IdentityAsync(IServerStore store)
    {
        using var secret = await store.ServerSecretAsync().ConfigureAwait(false);
        return Convert.ToHexStringLower(SHA256.HashData(secret.Span).AsSpan(0, 8));
    }

    private static (StoreKind Kind, string Identity)? Expected(ServerFiles files)
    {
        if (!File.Exists(files.Store))
            return null;
        var words = File.ReadAllText(files.Store).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && Enum.TryParse<StoreKind>(words[0], ignoreCase: true, out var kind)
            ? (kind, words[1])
            : throw new AuthorityException(AuthorityFault.Damaged, files.Store);
    }

    private static void Remember(ServerFiles files, StoreKind kind, string identity) => OwnerOnly.Replace(files.Store, $"{Word(kind)} {identity}\n");

    private static string Word(StoreKind kind) => kind.ToString().ToLowerInvariant();
}
