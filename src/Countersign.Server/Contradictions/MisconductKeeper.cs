using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Server;

/// <summary>Keeps the proof that a device signed two entries for one place (RC-08), as a file that anybody can judge (BU-21).</summary>
/// <remarks>One file a device: one proof suffices, and a dishonest device fills no disk. It is beside the store and not in it: a file
/// that is to be given away.</remarks>
internal sealed class MisconductKeeper(ServerDirectory directory, ITranscriptStore store)
{
    /// <summary>Looks for what the refused entry contradicts, and keeps both.</summary>
    /// <param name="second">Handed in by its author's own link.</param>
    /// <param name="author">Its author.</param>
    /// <param name="chain">The author's, as the link proved it.</param>
    /// <returns>Completes when the file is there; also if the entry takes no place that another one has, or may replace it (EN-17).</returns>
    public async Task KeepAsync(Entry second, UserName author, CertificateChain chain)
    {
        var path = Path.Combine(directory.Misconduct, $"misconduct-{author}-{second.Author.ToString()[..16]}.cbor");
        if (File.Exists(path))
            return; // before anything is read and judged: the same device may come again and again
        if (await store.FindEntryAsync(second.Conversation, second.Author, second.Seq).ConfigureAwait(false) is not { } place || place.Hash == second.Hash)
            return;
        var held = await store.ReadEntriesAsync(second.Conversation, place.Position, place.Position + 1, int.MaxValue).ConfigureAwait(false);
        if (held is not [var bytes] || Parse(bytes) is not { } first)
            return;
        var file = MisconductFile.Of(first, second, [.. chain.Certificates, directory.Root]);
        if (file.Judge(TrustAnchor.FromCertificate(directory.Root)) is null)
            return;
        Write(path, file.Encode());
    }

    private void Write(string path, byte[] bytes)
    {
        OwnerOnly.CreateDirectory(directory.Misconduct);
        var next = path + "." + Path.GetRandomFileName();
        using (var file = OwnerOnly.Open(next, FileMode.CreateNew, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(next, path, overwrite: true);
    }

    private static Entry? Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Entry.Parse(bytes);
        }
        catch (EntryRefusedException)
        {
            return null; // the store is damaged, which its own reading says
        }
    }
}
