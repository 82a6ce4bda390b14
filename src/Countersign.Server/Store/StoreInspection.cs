using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>What was changed in a conversation that the store holds.</summary>
/// <param name="Number">The store's own number of it.</param>
/// <param name="Conversation">The conversation; null where what stands there is no id.</param>
/// <param name="Fault">Which of its parts, for an operator.</param>
public sealed record DamagedConversation(long Number, ConversationId? Conversation, string Fault)
{
    /// <summary>For an operator.</summary>
    public string Place => Conversation is { } id ? $"conversation {id}" : $"conversation number {Number}";
}

/// <summary>Reads the whole store and proves that nobody changed what it keeps: entries lead to the stored subtrees and roots, and receipts, which the
/// members signed, say the same. Rewriting entries and roots together needs the members' keys.</summary>
/// <remarks>Costs one SHA-256 of every entry and one signature for each receipt; memory does not grow with the store. It runs beside the
/// server: what is appended meanwhile is not looked at.</remarks>
internal sealed class StoreInspection(IServerStore store, Certificate root)
{
    private const int PageBytes = 1 << 20;
    private const int DevicesAtOnce = 64;
    private readonly Dictionary<DeviceId, VerifiedDevice?> _devices = [];

    /// <summary>Everything that was changed, found one after the other.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async IAsyncEnumerable<DamagedConversation> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (number, conversation, head) in store.ConversationsAsync(cancellation).ConfigureAwait(false))
            if (conversation is not { } id)
                yield return new DamagedConversation(number, null, "its id was changed");
            else if (await FaultAsync(id, head, cancellation).ConfigureAwait(false) is { } fault)
                yield return new DamagedConversation(number, id, fault);
    }

    private async Task<string?> FaultAsync(ConversationId conversation, Head? head, CancellationToken cancellation)
    {
        if (head is not { } present)
            return "its root was changed";
        var tree = new MerkleFrontier();
        try
        {
            if (await store.FindConversationAsync(conversation).ConfigureAwait(false) is null)
                return "its stored state is missing";
            if (await EntryFaultAsync(present, tree, cancellation).ConfigureAwait(false) is { } changed)
                return changed;
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return $"entry {Math.Max(tree.Size, 1) - 1}, its subtree, or one after it, was changed";
        }
        try
        {
            return await ReceiptFaultAsync(conversation).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            return "a receipt was changed";
        }
    }

    // The first entry after which the tree is not the stored one.
    private async Task<string?> EntryFaultAsync(Head head, MerkleFrontier tree, CancellationToken cancellation)
    {
        while (tree.Size < head.Size)
        {
            cancellation.ThrowIfCancellationRequested();
            var before = tree.Size;
            var page = await store.ReadEntriesAsync(head.Conversation, before, head.Size, PageBytes).ConfigureAwait(false);
            if (page.Count == 0)
                return $"entry {before} is missing";
            foreach (var bytes in page)
            {
                tree.Append(MerkleHash.Leaf(bytes.Span));
                if (!await store.KeepsLastAsync(head.Conversation, tree).ConfigureAwait(false))
                    return $"entry {tree.Size - 1}, or its subtree, was changed";
            }
        }
        return tree.Root == head.Root ? null : $"the root of its {head.Size} entries was changed";
    }

    private async Task<string?> ReceiptFaultAsync(ConversationId conversation)
    {
        DeviceId? after = null;
        for (var page = await store.ReceiptsAsync(conversation, after, null, DevicesAtOnce).ConfigureAwait(false); page.Count > 0;
             page = await store.ReceiptsAsync(conversation, after, null, DevicesAtOnce).ConfigureAwait(false))
        {
            await LearnAsync([.. page.Select(static kept => kept.Device).Where(device => !_devices.ContainsKey(device)).Distinct()]).ConfigureAwait(false);
            foreach (var kept in page)
                if (!await StandsAsync(kept).ConfigureAwait(false))
                    return $"a receipt of device {kept.Device}, or what it covers, was changed";
            after = page[^1].Device;
        }
        return null;
    }

    private async Task<bool> StandsAsync(ReceiptRecord kept)
    {
        try
        {
            var receipt = Receipt.Parse(kept.Bytes);
            if (receipt.Head.Conversation != kept.Conversation || receipt.Device != kept.Device || receipt.Head.Size != kept.Size
                || (receipt.Kind == ReceiptKind.Final) != kept.IsFinal || _devices[kept.Device] is not { } device)
                return false;
            receipt.Verify(device);
            return await store.RootAtAsync(kept.Conversation, kept.Size).ConfigureAwait(false) == receipt.Head.Root;
        }
        catch (ReceiptRefusedException)
        {
            return false;
        }
    }

    private async Task LearnAsync(IReadOnlyCollection<DeviceId> unknown)
    {
        if (unknown.Count == 0)
            return;
        var found = (await FindAsync(unknown).ConfigureAwait(false)).ToDictionary(static record => record.Device);
        foreach (var device in unknown)
            _devices[device] = found.TryGetValue(device, out var record) ? Path(record.Chain) : null;
    }

    // One device that cannot be read does not take the others with it.
    private async Task<IReadOnlyList<DeviceRecord>> FindAsync(IReadOnlyCollection<DeviceId> devices)
    {
        try
        {
            return await store.FindDevicesAsync(devices).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            var found = new List<DeviceRecord>();
            if (devices.Count > 1)
                foreach (var device in devices)
                    found.AddRange(await FindAsync([device]).ConfigureAwait(false));
            return found;
        }
    }

    private VerifiedDevice? Path(CertificateChain chain)
    {
        try
        {
            return PathValidator.ValidateRecordedDevice(chain, TrustAnchor.FromCertificate(root));
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }
}
