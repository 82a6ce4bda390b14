using System.Formats.Cbor;
using System.IO.Compression;
using System.Text;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A true bundle taken apart, to be changed and written again by the rules: what a forger who knows the format hands to an
/// auditor. The auditor is a process of its own with the file and the root's fingerprint.</summary>
internal sealed class EvidenceFile
{
    private readonly ConversationId _conversation;

    private EvidenceFile(ConversationId conversation) => _conversation = conversation;

    public List<ReadOnlyMemory<byte>> Entries { get; } = [];
    public List<SignedHead> Heads { get; } = [];
    public List<StampedHead> Stamps { get; } = [];
    public List<Receipt> Receipts { get; } = [];
    public List<Certificate> Certificates { get; } = [];
    public Dictionary<ulong, MessageKey> Keys { get; } = [];
    private List<CertificateRevocationList> Lists { get; } = [];

    public ConversationId Conversation => _conversation;

    public static EvidenceFile Open(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        var entries = Items(zip, "entries.cbor").Select(static item => (ReadOnlyMemory<byte>)Bytes(item)).ToList();
        var file = new EvidenceFile(ConversationId.OfGenesis(entries[0].Span));
        file.Entries.AddRange(entries);
        file.Heads.AddRange(Items(zip, "heads.cbor").Select(static item => CborInput.Parse(item, SignedHead.Read)));
        file.Stamps.AddRange(Items(zip, "stamps.cbor").Select(static item => CborInput.Parse(item, StampedHead.Read)));
        file.Receipts.AddRange(Items(zip, "receipts.cbor").Select(static item => Receipt.Parse(Bytes(item))));
        file.Certificates.AddRange(Pem(zip, "certificates.pem").Select(static pem => Certificate.ParsePem(pem)));
        file.Lists.AddRange(Pem(zip, "crls.pem").Select(static pem => CertificateRevocationList.ParsePem(pem)));
        foreach (var item in Items(zip, "keys.cbor"))
        {
            var reader = new CborReader(item);
            reader.ReadStartArray();
            var position = reader.ReadUInt64();
            using var key = Secret.CopyOf(reader.ReadByteString());
            file.Keys.Add(position, MessageKey.Import(key));
        }
        return file;
    }

    /// <summary>The entries as they stand now, under a head that the server's own key signs.</summary>
    public void Resign(SigningKey serverKey, DateTimeOffset time)
    {
        var signer = Heads[0].Batch.Signer;
        Heads.Clear();
        Stamps.Clear();
        Heads.AddRange(HeadBatch.Sign(serverKey, signer, [Over(Entries.Count)], time));
    }

    /// <summary>One more head, over the first entries alone.</summary>
    public void SignAsWell(SigningKey serverKey, int entries, DateTimeOffset time) =>
        Heads.InsertRange(0, HeadBatch.Sign(serverKey, Heads[0].Batch.Signer, [Over(entries)], time));

    /// <summary>The head of the entries as they stand now.</summary>
    public TreeHead Tree => Over(Entries.Count).Tree;

    private Head Over(int entries)
    {
        var tree = new MerkleTree(Entries.Take(entries).Select(static e => MerkleHash.Leaf(e.Span)));
        return new Head(_conversation, tree.Size, tree.Root);
    }

    /// <summary>Where the messages stand that can be read.</summary>
    public IReadOnlyList<int> Messages => [.. Keys.Keys.Order().Select(static position => (int)position)];

    /// <summary>Writes the forgery and has it judged: FAILED for this reason, or else the forgery has worked.</summary>
    public async Task<Outcome> JudgeAsync(AttackWorld world, Reason reason, CancellationToken cancellation)
    {
        var path = Path.Combine(world.Places.Root, $"forged-{Guid.NewGuid():n}.zip");
        await using (var output = File.Create(path))
            BundleBuilder.Write(new BundleContents
            {
                Conversation = _conversation, Entries = Entries, Heads = Heads, Stamps = Stamps, Receipts = Receipts, Certificates = Certificates,
                RevocationLists = Lists, Keys = Keys,
            }, output);
        return await JudgeAsync(world, path, reason, cancellation);
    }

    public static async Task<Outcome> JudgeAsync(AttackWorld world, string path, Reason reason, CancellationToken cancellation)
    {
        await using var verify = world.Programs.StartFor("auditor", "verify", path, "--root", world.Root);
        var verdict = await verify.WaitAsync("verdict", cancellation);
        var reasons = verdict["reasons"]!.AsArray().Select(static r => r!.ToString()).ToList();
        return ChildProgram.Field(verdict, "verdict") == "FAILED" && reasons.Contains(reason.Code())
            ? new Outcome.Noticed(reason.Code())
            : new Outcome.Succeeded($"{ChildProgram.Field(verdict, "verdict")} {string.Join(' ', reasons)}");
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Items(ZipArchive zip, string name)
    {
        using var buffer = new MemoryStream();
        using (var stream = zip.GetEntry(name)!.Open())
            stream.CopyTo(buffer);
        var reader = new CborReader(buffer.ToArray(), CborConformanceMode.Lax, allowMultipleRootLevelValues: true);
        while (reader.PeekState() != CborReaderState.Finished)
            yield return reader.ReadEncodedValue();
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> item) => new CborReader(item).ReadByteString();

    private static IEnumerable<string> Pem(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open(), Encoding.ASCII);
        foreach (var block in reader.ReadToEnd().Split("-----BEGIN ", StringSplitOptions.RemoveEmptyEntries))
            yield return "-----BEGIN " + block;
    }
}
