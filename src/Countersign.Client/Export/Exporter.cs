using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>Gathers what this device holds of a conversation into a bundle (SPEC section 14). Everything in it was verified when
/// it came; whoever reads the bundle verifies it again.</summary>
internal sealed class Exporter(ClientState state)
{
    private const int Page = 256;

    /// <exception cref="UnknownConversationException">Not on this device.</exception>
    /// <exception cref="ExportRefusedException">Not like this.</exception>
    public BundleManifest Export(ConversationId id, ExportRequest request, Stream output)
    {
        var keys = new Dictionary<ulong, MessageKey>();
        try
        {
            BundleContents contents;
            lock (state.Gate)
            {
                var held = state.Require(id);
                var stamps = Stamps(held, request.Until);
                var heads = Heads(held, request.Until, stamps);
                var size = heads[^1].Head.Size;
                CollectKeys(held, size, request.Disclosure, keys);
                contents = Contents(held, heads, stamps, size, keys, request.Compact);
            }
            return BundleBuilder.Write(contents, output); // not under the gate: what it reads from here on only grows (TR-02)
        }
        finally
        {
            foreach (var key in keys.Values)
                key.Dispose();
        }
    }

    private BundleContents Contents(
        HeldConversation held, IReadOnlyList<SignedHead> heads, IReadOnlyList<StampedHead> stamps, ulong size,
        IReadOnlyDictionary<ulong, MessageKey> keys, bool compact) => new()
    {
        Conversation = held.Id,
        Entries = Entries(held.Id, size),
        Heads = heads,
        Receipts = [.. state.Store.Receipts.List(held.Id).Where(r => r.Size <= size).Select(r => Receipt.Parse(r.Bytes))],
        Stamps = stamps,
        Certificates = Certificates(held, size, heads),
        RevocationLists = [.. state.Store.Certificates.RevocationLists().Select(der => CertificateRevocationList.Parse(der))],
        Keys = keys,
        Compact = compact,
        Misconduct = [.. state.Store.Misconduct.Of(held.Id).Where(seen => seen.File is not null).Select(seen => MisconductFile.Parse(seen.File!))],
    };

    // A bundle ends where the server has signed: entries after the last head prove nothing about the server.
    private List<SignedHead> Heads(HeldConversation held, ulong? until, IReadOnlyList<StampedHead> stamps)
    {
        if (state.Store.Transcripts.SignedHead(held.Id) is not { } stored)
            throw new ExportRefusedException(ExportRefusal.NoSignedHead);
        var newest = SignedHead.Parse(stored);
        if (newest.Head.Size > held.Engine.Size)
            throw new ExportRefusedException(ExportRefusal.TranscriptChanged);
        List<SignedHead> heads = [.. stamps.Select(stamp => stamp.SignedHead)];
        if (newest.Head.Size <= (until ?? ulong.MaxValue))
            heads.Add(newest);
        return heads.Count > 0 ? heads : throw new ExportRefusedException(ExportRefusal.NoSignedHead);
    }

    private List<StampedHead> Stamps(HeldConversation held, ulong? until) =>
        [.. state.Store.Stamps.List(held.Id).Select(bytes => StampedHead.Parse(bytes)).Where(stamp => stamp.Head.Size <= (until ?? ulong.MaxValue))];

    private IEnumerable<ReadOnlyMemory<byte>> Entries(ConversationId id, ulong size)
    {
        for (ulong from = 0; from < size; from += Page)
            foreach (var stored in state.Store.Transcripts.Read(id, from, (int)Math.Min(Page, size - from)))
                yield return stored.Bytes;
    }

    private void CollectKeys(HeldConversation held, ulong size, Disclosure disclosure, Dictionary<ulong, MessageKey> keys)
    {
        var ranges = disclosure switch
        {
            Disclosure.All => [new PositionRange(0, size - 1)],
            Disclosure.Of some => some.Ranges,
            _ => [],
        };
        foreach (var range in ranges)
        {
            if (range.Last >= size)
                throw new ExportRefusedException(ExportRefusal.NoSuchEntry, range.Last);
            foreach (var position in state.Store.Transcripts.Messages(held.Id, range.First, range.Last))
                if (!keys.ContainsKey(position) && state.Store.MessageKeys.Find(held.Id, position) is { } key)
                    keys.Add(position, key);
            if (disclosure is Disclosure.Of && range.First == range.Last && !keys.ContainsKey(range.First))
                throw new ExportRefusedException(
                    state.Store.Transcripts.IsMessage(held.Id, range.First) ? ExportRefusal.NoKey : ExportRefusal.NoMessage, range.First);
        }
    }

    // BU-06: everybody who ever was a member up to here, the servers that signed, the CAs above them, the root.
    private List<Certificate> Certificates(HeldConversation held, ulong size, IEnumerable<SignedHead> heads)
    {
        var certificates = new List<Certificate> { state.Profile.Root };
        foreach (var device in held.Engine.Participants.Where(p => p.Value.FirstAddedAt < size).Select(static p => p.Key))
            if (state.Devices.Chain(device) is { } chain)
                certificates.AddRange(chain.Certificates);
        foreach (var signer in heads.Select(head => head.Batch.Signer).Distinct())
            if (state.Store.Certificates.Server(signer) is { } chain)
                certificates.AddRange(chain.Certificates);
        return [.. certificates.DistinctBy(certificate => certificate.Fingerprint)];
    }
}
