using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <param name="Place">Where: a conversation and a position, a device, a user.</param>
/// <param name="What">What is wrong there.</param>
public sealed record StoreFlaw(string Place, string What);

/// <summary>What a check found.</summary>
/// <param name="Conversations">Conversations that were read.</param>
/// <param name="Entries">Entries whose signature and place were judged.</param>
/// <param name="Flaws">The first <see cref="StoreCheck.MostFlaws"/> of them; empty if all is well.</param>
public sealed record StoreFindings(long Conversations, long Entries, IReadOnlyList<StoreFlaw> Flaws);

/// <summary>Reads a whole store and recomputes what can be recomputed: certificate chains, every entry's signature, every root, the rules of
/// the conversation, its stored state, receipts and stamps; and reads which revocations are asked for. It believes nothing that is stored beside the signed bytes.</summary>
/// <param name="store">Any store. It may be in use: a conversation is judged up to the size it had when it was reached.</param>
/// <param name="trust">What chains and tokens have to lead to.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class StoreCheck(IServerStore store, RecordedTrust trust, CancellationToken cancellation)
{
    /// <summary>After so many flaws a check ends.</summary>
    public const int MostFlaws = 100;

    private const int Page = 1000;

    private readonly List<StoreFlaw> _flaws = [];

    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<StoreFindings> RunAsync(IProgress<StoreProgress>? progress)
    {
        var devices = new RecordedDevices(store, trust.Anchor);
        var (conversations, entries, all) = (0L, 0L, await CountAsync().ConfigureAwait(false));
        await foreach (var stored in store.ConversationsAsync(cancellation).ConfigureAwait(false))
        {
            if (stored.Conversation is { } conversation)
            {
                await new ConversationCheck(store, devices, trust, conversation, Flaw, cancellation).RunAsync(
                    done => progress?.Report(new StoreProgress("entries", entries + done, all))).ConfigureAwait(false);
                (conversations, entries) = (conversations + 1, entries + SizeOf(stored));
                progress?.Report(new StoreProgress("entries", entries, Math.Max(all, entries)));
            }
            else
                Flaw($"conversation number {stored.Number}", "its id is none: nothing of it was checked");
            if (_flaws.Count >= MostFlaws)
                break;
        }
        await CheckRevocationsAsync().ConfigureAwait(false);
        return new StoreFindings(conversations, entries, _flaws);
    }

    // What an operator has asked for, and cannot be done.
    private async Task CheckRevocationsAsync()
    {
        var skip = 0;
        while (await store.OpenRevocationsAsync(skip, Page).ConfigureAwait(false) is { Count: > 0 } page)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var open in page)
                if (open.Request is not { } request)
                    Flaw(open.Place, "what is stored there is not what was written");
                else if (await FindAsync(request.Device).ConfigureAwait(false) is null)
                    Flaw(open.Place, "what is stored of the device is not what was written");
            skip += page.Count;
        }
    }

    /// <summary>What was revoked, and the authorities' directories do not say (CE-16): they are older than the database.</summary>
    /// <param name="lists">Reads the lists that are there now: what is done later is on a later list.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<StoreFlaw>> UnlistedAsync(Func<IReadOnlyList<CertificateRevocationList>> lists)
    {
        var skip = 0;
        while (await store.DoneRevocationsAsync(skip, Page).ConfigureAwait(false) is { Count: > 0 } page)
        {
            cancellation.ThrowIfCancellationRequested();
            var present = lists();
            foreach (var asked in page)
                if (asked.Request is not { } request)
                    Flaw(asked.Place, "what is stored there is not what was written");
                else if (await FindAsync(request.Device).ConfigureAwait(false) is not { } device)
                    Flaw(asked.Place, "what is stored of the device is not what was written");
                else if (!present.Any(list => IsOn(list, device, request.Grounds)))
                    Flaw(asked.Place, "it was done, and the revocation list here does not say so, or says less: the issuing CA's directory is older than the database; "
                        + "the server mends that when it starts");
            skip += page.Count;
        }
        return _flaws;
    }

    private static bool IsOn(CertificateRevocationList list, DeviceRecord device, RevocationGrounds grounds) =>
        list.Issuer.Equals(device.Chain.Leaf.Issuer) && list.Find(device.Chain.Leaf.Serial) is { } entry && entry.Grounds.And(grounds.AsListed()) == entry.Grounds;

    private async Task<DeviceRecord?> FindAsync(DeviceId device)
    {
        try
        {
            return await store.FindDevicesAsync([device]).ConfigureAwait(false) is [var record] ? record : null;
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return null;
        }
    }

    private void Flaw(string place, string what)
    {
        if (_flaws.Count < MostFlaws)
            _flaws.Add(new StoreFlaw(place, what));
    }

    private async Task<long> CountAsync()
    {
        var all = 0L;
        await foreach (var stored in store.ConversationsAsync(cancellation).ConfigureAwait(false))
            all += SizeOf(stored);
        return all;
    }

    private static long SizeOf(StoredConversation stored) => (long)(stored.Head?.Size ?? 0);
}

/// <summary>What a record is judged by: no time and no revocation, which an auditor judges for each signature.</summary>
/// <param name="Anchor">The root.</param>
/// <param name="Server">Who signs heads now; null before the server's first start.</param>
/// <param name="Revocations">For time-stamp tokens.</param>
internal sealed record RecordedTrust(TrustAnchor Anchor, VerifiedServer? Server, RevocationSet Revocations)
{
    /// <summary>From a server's files.</summary>
    public static RecordedTrust Of(ServerFiles files)
    {
        var anchor = TrustAnchor.FromCertificate(files.ReadRoot());
        var server = files.ReadCertificate() is { } leaf ? PathValidator.ValidateRecordedServer(new CertificateChain([leaf, files.ReadIssuer(leaf)]), anchor) : null;
        return new RecordedTrust(anchor, server, new RevocationSet([files.ReadRootList(), .. files.ReadOwnLists()]));
    }
}

/// <summary>Devices by their stored chains, each validated once.</summary>
internal sealed class RecordedDevices(IServerStore store, TrustAnchor anchor)
{
    private const int Kept = 16_384;

    private readonly LeastRecentlyUsed<DeviceId, VerifiedDevice> _known = new(Kept);

    /// <summary>Null: not stored, not as it was written, or its chain does not lead to the root.</summary>
    public async Task<VerifiedDevice?> FindAsync(DeviceId device)
    {
        if (_known.TryGet(device, out var known))
            return known;
        try
        {
            if (await store.FindDevicesAsync([device]).ConfigureAwait(false) is not [var record])
                return null;
            var verified = PathValidator.ValidateRecordedDevice(record.Chain, anchor);
            if (verified.Leaf.Fingerprint != device.Value || verified.User != record.User)
                return null;
            _known.Put(device, verified);
            return verified;
        }
        catch (Exception e) when (e is CertificateRefusedException or StoreException { Fault: StoreFault.Damaged })
        {
            return null;
        }
    }
}
