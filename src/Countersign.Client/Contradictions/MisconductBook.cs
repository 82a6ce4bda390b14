using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Contradictions under one signature: both sides are kept, and what can be proved to others is written as a file that
/// anybody can judge (RC-07, RC-08, BU-21).</summary>
/// <remarks>Called under the client's gate; recording happens in the transaction that refuses what was delivered, writing after it.</remarks>
internal sealed class MisconductBook(ClientState state)
{
    private const int Page = 256;

    /// <summary>The server signed a head that the transcript held here contradicts.</summary>
    public void Record(HeldConversation held, ContradictedHead contradicted, List<ClientEvent> events)
    {
        var against = contradicted.Head;
        var own = ((HeadAgainstTranscript)contradicted.Misconduct).Held;
        var signed = state.Store.Transcripts.SignedHead(held.Id);
        var file = signed is null ? null : Proved(Accuse(held, against.SignedHead, SignedHead.Parse(signed)));
        var seen = new StoredMisconduct(
            Of(own.Encode(), against.Head.Encode()), held.Id, against.Server.Name.ToString(), signed ?? [], against.SignedHead.Encode(), file?.Encode());
        if (state.Store.Misconduct.Add(seen, state.Now))
            events.Add(new ClientEvent.Warned(new SecurityWarning.ServerMisconduct(held.Id, file is null ? null : PathOf(seen))));
    }

    /// <summary>The server was asked for its transcript, and signed a head for the answer. If the last signed head held here is none of that
    /// transcript's, or the other one none of the transcript held here, the two convince everybody; nothing less is kept.</summary>
    public void Record(HeldConversation held, VerifiedHead against, MerkleTree theirs, List<ClientEvent> events)
    {
        if (state.Store.Transcripts.SignedHead(held.Id) is not { } stored || against.Head.Conversation != held.Id)
            return;
        var signed = SignedHead.Parse(stored);
        var file = against.Head.Size < signed.Head.Size
            ? Accuse(against.SignedHead, signed, OwnTree(held, signed.Head.Size))
            : against.Head.Size == theirs.Size ? Accuse(signed, against.SignedHead, theirs) : null;
        if (Proved(file) is null)
            return;
        var seen = new StoredMisconduct(
            Of(signed.Head.Encode(), against.Head.Encode()), held.Id, against.Server.Name.ToString(), stored, against.SignedHead.Encode(), file!.Encode());
        if (state.Store.Misconduct.Add(seen, state.Now))
            events.Add(new ClientEvent.Warned(new SecurityWarning.ServerMisconduct(held.Id, PathOf(seen))));
    }

    /// <summary>What was delivered and refused may be a second entry of its author for one place. One of this device's own
    /// key accuses nobody: a copy of the profile made it.</summary>
    public void Record(HeldConversation held, Encoded<Entry> refused, List<ClientEvent> events)
    {
        if (TryParse(refused) is not { } second || second.Author == state.Self || second.Conversation != held.Id
            || !held.Engine.Participants.TryGetValue(second.Author, out var known) || second.Seq > known.LastSeq // no store holds every number
            || state.Store.Transcripts.Find(held.Id, second.Author, second.Seq) is not { } place || place.Hash == second.Hash
            || state.Devices.Recorded(second.Author) is not { } author)
            return;
        var first = Entry.Parse(state.Store.Transcripts.Read(held.Id, place.Position, 1)[0].Bytes);
        if (Proved(MisconductFile.Of(first, second, [.. CertificatesOf(second.Author), state.Profile.Root])) is not { } file)
            return; // EN-17: an honest replacement, or a forgery, looks so
        var seen = new StoredMisconduct(
            Of(first.Hash.Value.ToArray(), second.Hash.Value.ToArray()), held.Id, author.User.ToString(), first.Bytes.ToArray(), second.Bytes.ToArray(), file.Encode());
        if (state.Store.Misconduct.Add(seen, state.Now))
            events.Add(new ClientEvent.Warned(new SecurityWarning.MemberMisconduct(held.Id, author.User, PathOf(seen))));
    }

    /// <summary>Writes the files that are not there yet: also those whose writing a crash or a full disk prevented.</summary>
    public void WriteFiles()
    {
        foreach (var seen in state.Store.Misconduct.List())
            if (seen.File is { } file && !File.Exists(PathOf(seen)))
                Write(PathOf(seen), file);
    }

    // Beyond the head held, no signature of the server's is on what it delivered.
    private MisconductFile? Accuse(HeldConversation held, SignedHead against, SignedHead signed) =>
        against.Head.Size > signed.Head.Size ? null : Accuse(against, signed, OwnTree(held, signed.Head.Size));

    /// <param name="smaller">Not larger than the other one.</param>
    /// <param name="larger">Over the transcript of <paramref name="tree"/>.</param>
    /// <param name="tree">At least as large.</param>
    private MisconductFile? Accuse(SignedHead smaller, SignedHead larger, MerkleTree tree)
    {
        var certificates = ServerCertificates(smaller.Batch.Signer).Concat(ServerCertificates(larger.Batch.Signer)).Append(state.Profile.Root);
        var (from, to) = (smaller.Head.Size, larger.Head.Size);
        return from == to ? MisconductFile.Of(larger, smaller, certificates)
            : from == 0 ? null
            : MisconductFile.Of(smaller, larger, tree.RootAt(from), ConsistencyProof.Prove(tree, from, to), certificates);
    }

    private MerkleTree OwnTree(HeldConversation held, ulong size)
    {
        var tree = new MerkleTree();
        for (ulong from = 0; from < size; from += Page)
            foreach (var stored in state.Store.Transcripts.Read(held.Id, from, (int)Math.Min(Page, size - from)))
                tree.Append(MerkleHash.Leaf(stored.Bytes));
        return tree;
    }

    // Nobody is accused by a file that does not convince.
    private MisconductFile? Proved(MisconductFile? file) =>
        file?.Judge(TrustAnchor.FromCertificate(state.Profile.Root)) is null ? null : file;

    private IEnumerable<Certificate> CertificatesOf(DeviceId device) => state.Devices.Chain(device)?.Certificates ?? [];

    private IEnumerable<Certificate> ServerCertificates(Hash32 signer) => state.Store.Certificates.Server(signer)?.Certificates ?? [];

    private string PathOf(StoredMisconduct seen) => state.Profile.Directory.Misconduct(seen.Who, seen.Contradiction);

    private static void Write(string path, byte[] bytes)
    {
        var next = path + ".new";
        try
        {
            using (var file = ProfileDirectory.OpenPrivate(next, FileMode.Create, FileShare.None))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(next, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is in the profile: the next start writes it.
        }
    }

    private static Hash32 Of(byte[] one, byte[] other) =>
        one.AsSpan().SequenceCompareTo(other) <= 0 ? Hash32.Sha256([.. one, .. other]) : Hash32.Sha256([.. other, .. one]);

    private static Entry? TryParse(Encoded<Entry> encoded)
    {
        try
        {
            return Entry.Parse(encoded.Bytes.ToArray());
        }
        catch (EntryRefusedException)
        {
            return null;
        }
    }
}
