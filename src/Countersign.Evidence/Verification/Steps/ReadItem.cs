using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>One item of the transcript with what can be said of it without its place: form, certificate, signature.</summary>
internal sealed class ReadItem
{
    private ReadItem(TranscriptItem item, Entry? entry, SignedEntry? signed, EntryFault? fault, Certified<VerifiedDevice>? author) =>
        (Item, Entry, Signed, Fault, Author) = (item, entry, signed, fault, author);

    public TranscriptItem Item { get; }

    /// <summary>Parsed; null for a subtree, and for bytes that are no entry.</summary>
    public Entry? Entry { get; }

    /// <summary>With its signature proved; null if there is a <see cref="Fault"/>, or no certificate.</summary>
    public SignedEntry? Signed { get; }

    /// <summary>Malformed, TooLarge or BadSignature.</summary>
    public EntryFault? Fault { get; }

    /// <summary>Null for a subtree, and for bytes that are no entry.</summary>
    public Certified<VerifiedDevice>? Author { get; }

    public Hash32 LeafHash => Entry?.LeafHash ?? MerkleHash.Leaf(Item.Entry.Span);

    /// <summary>EN-01 to EN-04 and EN-06. Thread-safe.</summary>
    public static ReadItem Check(TranscriptItem item, CertificateBook book)
    {
        if (!item.IsEntry)
            return new ReadItem(item, null, null, null, null);
        Entry? entry = null;
        Certified<VerifiedDevice>? author = null;
        try
        {
            entry = Entry.Parse(item.Entry);
            author = book.Device(entry.Author);
            return new ReadItem(item, entry, author.Path is { } path ? SignedEntry.Verify(entry, path) : null, null, author);
        }
        catch (EntryRefusedException e)
        {
            return new ReadItem(item, entry, null, e.Fault, author);
        }
    }
}

/// <summary>Reads the transcript in batches, each checked on all cores while nothing else is held.</summary>
internal static class TranscriptReader
{
    private const int BatchItems = 1024;

    /// <summary>The items in order. Ends early if one is malformed: then the last is null.</summary>
    public static IEnumerable<ReadItem?> Read(Stream entries, CertificateBook book, IProgress<double>? progress)
    {
        var sequence = new CborSequence(entries, TranscriptItem.MaxBytes);
        var batch = new List<TranscriptItem>(BatchItems);
        var goesOn = true;
        while (goesOn)
        {
            batch.Clear();
            var malformed = false;
            try
            {
                while (batch.Count < BatchItems && (goesOn = sequence.TryRead(TranscriptItem.Read, out var item)))
                    batch.Add(item);
            }
            catch (MalformedException)
            {
                (malformed, goesOn) = (true, false);
            }
            var checkedItems = new ReadItem[batch.Count];
            Parallel.For(0, batch.Count, i => checkedItems[i] = ReadItem.Check(batch[i], book));
            foreach (var item in checkedItems)
                yield return item;
            progress?.Report((double)entries.Position / Math.Max(1, entries.Length));
            if (malformed)
                yield return null;
        }
    }
}
