using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Writes entries.cbor (BU-04) and counts. Everything but messages is shown in both forms: it says who the members are.</summary>
internal sealed class TranscriptWriter(BundleContents contents)
{
    /// <summary>Entries of the transcript; known after <see cref="Write"/>.</summary>
    public ulong Size { get; private set; }

    /// <summary>Entries whose bytes are shown; known after <see cref="Write"/>.</summary>
    public ulong Shown { get; private set; }

    public void Write(Stream stream)
    {
        (Size, Shown) = (0, 0);
        var run = new WithheldRun();
        var signed = contents.Heads.Concat(contents.Stamps.Select(static stamp => stamp.SignedHead)).Select(static head => head.Head.Size).ToHashSet();
        var keys = 0;
        foreach (var bytes in contents.Entries)
        {
            var disclosed = contents.Keys.ContainsKey(Size);
            var isMessage = (disclosed || contents.Compact) && Entry.Parse(bytes).Type == EntryType.Message;
            if (disclosed && !isMessage)
                throw new ArgumentException("A key for an entry that is no message.");
            keys += disclosed ? 1 : 0;
            if (contents.Compact && isMessage && !disclosed)
                run.Add(Size, MerkleHash.Leaf(bytes.Span));
            else
                Show(stream, run, bytes);
            if (signed.Contains(++Size))
                Flush(stream, run);
        }
        Flush(stream, run);
        if (keys != contents.Keys.Count)
            throw new ArgumentException("A key for a position beyond the transcript.");
    }

    private void Show(Stream stream, WithheldRun run, ReadOnlyMemory<byte> bytes)
    {
        Flush(stream, run);
        stream.Write(CborOutput.Encode(TranscriptItem.Shown(bytes).Write));
        Shown++;
    }

    private static void Flush(Stream stream, WithheldRun run)
    {
        foreach (var item in run.Take())
            stream.Write(CborOutput.Encode(item.Write));
    }
}
