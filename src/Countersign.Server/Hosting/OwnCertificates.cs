using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>The certificates that the server has and had are in its database, too: its directory may be an older copy (CE-16), and whoever holds a
/// head asks for the certificate that signed it (RC-02).</summary>
internal static partial class OwnCertificates
{
    /// <summary>Makes directory and store know what either knows. For before a head is signed, or anybody asks.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public static async Task ExchangeAsync(ServerDirectory directory, IServerStore store, ILogger log)
    {
        var kept = await store.OwnChainsAsync().ConfigureAwait(false);
        foreach (var chain in kept)
            if (chain is null || !directory.TakeIn(chain))
                Unreadable(log);
        var known = kept.Select(static chain => chain?.Leaf.Fingerprint).ToHashSet();
        foreach (var chain in directory.OwnChains.Where(chain => !known.Contains(chain.Leaf.Fingerprint)))
            await store.KeepOwnChainAsync(chain).ConfigureAwait(false);
    }

    [LoggerMessage(27, LogLevel.Critical, "the store was changed: a certificate that it keeps as this server's own is none; heads that were signed with it may not be verified by newcomers")]
    private static partial void Unreadable(ILogger log);
}
