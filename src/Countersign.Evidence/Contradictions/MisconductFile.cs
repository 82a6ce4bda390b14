using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Two signed values that contradict each other, with the certificates to judge them: a file of its own, or a part of
/// a bundle (BU-21).</summary>
/// <remarks><code>
/// misconduct = [1, kind: 1 / 2, [1*8 certificate], first: bstr, second: bstr]   ; 1 two signed heads, 2 two entries
///            / [1, 3, [1*8 certificate], smaller: bstr, larger: bstr, root: hash, [*65 hash]]   ; two signed heads of different sizes
/// </code></remarks>
public sealed class MisconductFile
{
    private const int Heads = 1;
    private const int Entries = 2;
    private const int Prefix = 3;
    private const int MaxCertificates = 8;
    private const int MaxPath = 65;

    private readonly int _kind;
    private readonly IReadOnlyList<Certificate> _certificates;
    private readonly ReadOnlyMemory<byte> _first;
    private readonly ReadOnlyMemory<byte> _second;
    private readonly Hash32 _root;
    private readonly IReadOnlyList<Hash32> _path = [];

    private MisconductFile(int kind, IReadOnlyList<Certificate> certificates, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) =>
        (_kind, _certificates, _first, _second) = (kind, certificates, first, second);

    private MisconductFile(
        IReadOnlyList<Certificate> certificates, ReadOnlyMemory<byte> smaller, ReadOnlyMemory<byte> larger, Hash32 root, IReadOnlyList<Hash32> path)
        : this(Prefix, certificates, smaller, larger) => (_root, _path) = (root, path);

    /// <param name="first">A head a server signed.</param>
    /// <param name="second">Another one of the same size.</param>
    /// <param name="certificates">1 to 8: of the servers, of the CAs above them, and the root.</param>
    public static MisconductFile Of(SignedHead first, SignedHead second, IEnumerable<Certificate> certificates) =>
        new(Heads, Distinct(certificates), first.Encode(), second.Encode());

    /// <param name="smaller">A head a server signed.</param>
    /// <param name="larger">A larger one.</param>
    /// <param name="root">What the larger one's transcript has at the smaller one's size.</param>
    /// <param name="proof">That it has.</param>
    /// <param name="certificates">1 to 8: of the servers, of the CAs above them, and the root.</param>
    public static MisconductFile Of(SignedHead smaller, SignedHead larger, Hash32 root, ConsistencyProof proof, IEnumerable<Certificate> certificates) =>
        new(Distinct(certificates), smaller.Encode(), larger.Encode(), root, proof.Path);

    /// <param name="first">An entry a device signed.</param>
    /// <param name="second">Another one.</param>
    /// <param name="certificates">1 to 8: of the device, of the CA above it, and the root.</param>
    public static MisconductFile Of(Entry first, Entry second, IEnumerable<Certificate> certificates) =>
        new(Entries, Distinct(certificates), first.Bytes, second.Bytes);

    /// <summary>The file begins like one of these and not like a bundle, which begins with "PK". Goes back to where it was.</summary>
    public static bool Begins(Stream file)
    {
        var start = file.Position;
        var first = file.ReadByte();
        file.Position = start;
        return first is 0x85 or 0x87; // an array of five or seven items
    }

    public byte[] Encode() => CborOutput.Encode(Write);

    /// <exception cref="MalformedException">Not this grammar.</exception>
    public static MisconductFile Parse(ReadOnlyMemory<byte> bytes) => CborInput.Parse(bytes, Read);

    /// <summary>The contradiction, proved under a root: whose signatures, and that both cannot stand. When the certificates were
    /// valid plays no part.</summary>
    /// <returns>Null if nothing is proved: not signed by certified parties, or no contradiction.</returns>
    public Misconduct? Judge(TrustAnchor root)
    {
        var certificate = _certificates.FirstOrDefault(c => c.Fingerprint == root.Fingerprint);
        var book = new CertificateBook(certificate is null ? root : TrustAnchor.FromCertificate(certificate), _certificates, []);
        try
        {
            return _kind == Entries ? JudgeEntries(book) : JudgeHeads(book);
        }
        catch (Exception e) when (e is HeadRefusedException or EntryRefusedException or ProofRefusedException)
        {
            return null;
        }
    }

    internal void Write(CborOutput output)
    {
        output.StartArray(_kind == Prefix ? 7 : 5).UInt(1).UInt((ulong)_kind).StartArray(_certificates.Count);
        foreach (var certificate in _certificates)
            output.Bytes(certificate.Der.Span);
        output.EndArray().Bytes(_first.Span).Bytes(_second.Span);
        if (_kind == Prefix)
        {
            output.Hash(_root).StartArray(_path.Count);
            foreach (var hash in _path)
                output.Hash(hash);
            output.EndArray();
        }
        output.EndArray();
    }

    internal static MisconductFile Read(CborInput input)
    {
        var items = input.StartArray(5, 7);
        if (input.UInt() != 1)
            throw new MalformedException("BU-21: version");
        var kind = input.Int32();
        if (kind is not (Heads or Entries or Prefix) || items != (kind == Prefix ? 7 : 5))
            throw new MalformedException("BU-21: kind");
        var certificates = ReadCertificates(input);
        var first = input.Bytes(1, ConversationLimits.MaxEntryBytes);
        var second = input.Bytes(1, ConversationLimits.MaxEntryBytes);
        if (kind != Prefix)
        {
            input.EndArray();
            return new MisconductFile(kind, certificates, first, second);
        }
        var root = input.Hash();
        var path = new Hash32[input.StartArray(0, MaxPath)];
        for (var i = 0; i < path.Length; i++)
            path[i] = input.Hash();
        input.EndArray();
        input.EndArray();
        return new MisconductFile(certificates, first, second, root, path);
    }

    private static List<Certificate> ReadCertificates(CborInput input)
    {
        var certificates = new Certificate[input.StartArray(1, MaxCertificates)];
        try
        {
            for (var i = 0; i < certificates.Length; i++)
                certificates[i] = Certificate.Parse(input.Bytes(1, Certificate.MaxSize));
        }
        catch (CertificateRefusedException e)
        {
            throw new MalformedException("BU-21: certificate", e);
        }
        input.EndArray();
        // One file for one contradiction: in another order, or with one twice, it would be another.
        return certificates.SequenceEqual(Distinct(certificates)) ? [.. certificates] : throw new MalformedException("BU-05: certificates");
    }

    private Misconduct? JudgeHeads(CertificateBook book)
    {
        var (first, second) = (SignedHead.Parse(_first), SignedHead.Parse(_second));
        if (book.Server(first.Batch.Signer).Path is not { } one || book.Server(second.Batch.Signer).Path is not { } other || !one.SharesNameWith(other)
            || first.Head.Size == 0 || second.Head.Size == 0) // RC-01: no head is over nothing
            return null;
        var (a, b) = (first.Verify(one), second.Verify(other));
        return _kind == Heads ? Misconduct.Between(a, b)
            : Misconduct.Between(a, b, _root, new ConsistencyProof(first.Head.Size, second.Head.Size, _path));
    }

    private Misconduct? JudgeEntries(CertificateBook book)
    {
        var (first, second) = (Entry.Parse(_first), Entry.Parse(_second));
        if (first.Author != second.Author || book.Device(first.Author).Path is not { } author)
            return null;
        return Misconduct.Between(SignedEntry.Verify(first, author), SignedEntry.Verify(second, author));
    }

    private static List<Certificate> Distinct(IEnumerable<Certificate> certificates)
    {
        var distinct = certificates.DistinctBy(static c => c.Fingerprint).OrderBy(static c => c.Fingerprint).ToList();
        return distinct.Count is >= 1 and <= MaxCertificates ? distinct : throw new ArgumentException("1 to 8 certificates.", nameof(certificates));
    }
}
