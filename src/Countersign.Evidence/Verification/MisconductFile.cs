using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Two signed values that contradict each other, with the certificates to judge them: a file of its own, or a part of
/// a bundle (BU-21).</summary>
/// <remarks><code>
/// misconduct = [1, kind: 1 / 2, [1*8 certificate], first: bstr, second: bstr]   ; 1 two signed heads, 2 two entries
/// </code></remarks>
public sealed class MisconductFile
{
    private const int Heads = 1;
    private const int Entries = 2;
    private const int MaxCertificates = 8;

    private readonly int _kind;
    private readonly IReadOnlyList<Certificate> _certificates;
    private readonly ReadOnlyMemory<byte> _first;
    private readonly ReadOnlyMemory<byte> _second;

    private MisconductFile(int kind, IReadOnlyList<Certificate> certificates, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) =>
        (_kind, _certificates, _first, _second) = (kind, certificates, first, second);

    /// <param name="first">A head a server signed.</param>
    /// <param name="second">Another one.</param>
    /// <param name="certificates">1 to 8: of the servers, of the CAs above them, and the root.</param>
    public static MisconductFile Of(SignedHead first, SignedHead second, IEnumerable<Certificate> certificates) =>
        new(Heads, Distinct(certificates), first.Encode(), second.Encode());

    /// <param name="first">An entry a device signed.</param>
    /// <param name="second">Another one.</param>
    /// <param name="certificates">1 to 8: of the device, of the CA above it, and the root.</param>
    public static MisconductFile Of(Entry first, Entry second, IEnumerable<Certificate> certificates) =>
        new(Entries, Distinct(certificates), first.Bytes, second.Bytes);

    public byte[] Encode()
    {
        var output = new CborOutput().StartArray(5).UInt(1).UInt((ulong)_kind).StartArray(_certificates.Count);
        foreach (var certificate in _certificates)
            output.Bytes(certificate.Der.Span);
        return output.EndArray().Bytes(_first.Span).Bytes(_second.Span).EndArray().ToArray();
    }

    /// <exception cref="MalformedException">Not this grammar.</exception>
    public static MisconductFile Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return CborInput.Parse(bytes, Read);
        }
        catch (CertificateRefusedException e)
        {
            throw new MalformedException("BU-21: certificate", e);
        }
    }

    private static MisconductFile Read(CborInput input)
    {
        input.StartArray(5);
        if (input.UInt() != 1)
            throw new MalformedException("BU-21: version");
        var kind = input.Int32();
        if (kind is not (Heads or Entries))
            throw new MalformedException("BU-21: kind");
        var certificates = new Certificate[input.StartArray(1, MaxCertificates)];
        for (var i = 0; i < certificates.Length; i++)
            certificates[i] = Certificate.Parse(input.Bytes(1, Certificate.MaxSize));
        input.EndArray();
        var first = input.Bytes(1, ConversationLimits.MaxEntryBytes);
        var second = input.Bytes(1, ConversationLimits.MaxEntryBytes);
        input.EndArray();
        return new MisconductFile(kind, Distinct(certificates), first, second);
    }

    /// <summary>The contradiction, proved under a root: whose signatures, and that both cannot stand. When the certificates were
    /// valid plays no part.</summary>
    /// <returns>Null if nothing is proved: not signed by certified parties, or no contradiction.</returns>
    public Misconduct? Judge(TrustAnchor root)
    {
        var certificate = _certificates.FirstOrDefault(c => c.Fingerprint == root.Fingerprint);
        var book = new CertificateBook(certificate is null ? root : TrustAnchor.FromCertificate(certificate), _certificates, []);
        try
        {
            return _kind == Heads ? JudgeHeads(book) : JudgeEntries(book);
        }
        catch (Exception e) when (e is HeadRefusedException or EntryRefusedException)
        {
            return null;
        }
    }

    private Misconduct? JudgeHeads(CertificateBook book)
    {
        var (first, second) = (SignedHead.Parse(_first), SignedHead.Parse(_second));
        if (book.Server(first.Batch.Signer).Path is not { } one || book.Server(second.Batch.Signer).Path is not { } other || !one.Name.Equals(other.Name))
            return null;
        return Misconduct.Between(first.Verify(one), second.Verify(other));
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
