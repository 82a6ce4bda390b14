using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>The bundle taken apart (steps 1 to 4 of SPEC section 15). A part that is not its grammar counts as empty, and is a
/// finding: what is wrong in one part does not hide what is wrong in another.</summary>
internal sealed class BundleParts
{
    private readonly BundleContainer _container;

    private BundleParts(BundleContainer container, FindingList findings)
    {
        _container = container;
        Manifest = CborInput.Parse(container.ReadMember(BundleMember.Manifest), input => BundleManifest.Read(input, container.Members));
        foreach (var (member, hash) in Manifest.Digests)
            if (container.Digest(member) != hash) // BU-03
                findings.Add(new Finding(Reason.Damaged, Member: member, Rule: "BU-03"));
        if (container.Digest(BundleMember.Manifest) is null)
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Manifest, Rule: "BU-01"));
        if (!BundleReadme.Is(container.ReadMember(BundleMember.Readme)))
            findings.Add(new Finding(Reason.Damaged, Member: BundleMember.Readme, Rule: "BU-02"));
        Certificates = Read(BundleMember.Certificates, PemList.ReadCertificates, Reason.CertificateRefused, findings);
        RevocationLists = Read(BundleMember.RevocationLists, PemList.ReadLists, Reason.CertificateRefused, findings);
        Heads = Read(BundleMember.Heads, BundleLists.ReadHeads, Reason.HeadRefused, findings);
        Stamps = Read(BundleMember.Stamps, BundleLists.ReadStamps, Reason.StampRefused, findings);
        Receipts = Read(BundleMember.Receipts, BundleLists.ReadReceipts, Reason.ReceiptRefused, findings);
    }

    public BundleManifest Manifest { get; }
    public IReadOnlyList<Certificate> Certificates { get; }
    public IReadOnlyList<CertificateRevocationList> RevocationLists { get; }
    public IReadOnlyList<SignedHead> Heads { get; }
    public IReadOnlyList<StampedHead> Stamps { get; }
    public IReadOnlyList<Receipt> Receipts { get; }

    /// <summary>Of all heads that are there, whoever signed them: where withheld runs are cut (BU-04).</summary>
    public HeadSizes HeadSizes => new(Heads.Concat(Stamps.Select(static stamp => stamp.SignedHead)));

    /// <exception cref="MalformedException">The container or the manifest is not one (BU-11).</exception>
    public static BundleParts Open(Stream bundle, FindingList findings) => new(BundleContainer.Open(bundle), findings);

    public bool Has(BundleMember member) => _container.Has(member);

    /// <summary>The bytes of a member that BU-07 keeps small.</summary>
    public byte[] ReadMember(BundleMember member) => _container.ReadMember(member);

    public Stream Open(BundleMember member) => _container.OpenMember(member);

    /// <summary>The named root, with its certificate if only its fingerprint was named. Without one: the only certificate of the
    /// bundle that issued itself, or a root that nothing leads to (BU-10).</summary>
    public TrustAnchor Anchor(TrustAnchor? named)
    {
        var candidates = Certificates.Where(c => named is null ? c.Issuer.Equals(c.Subject) : c.Fingerprint == named.Fingerprint).ToList();
        return candidates is [var only] ? TrustAnchor.FromCertificate(only) : named ?? TrustAnchor.FromFingerprint(default);
    }

    /// <summary>The root the bundle was made under, where that is another than the named one; null otherwise, and if it cannot be told.</summary>
    public Hash32? OtherRoot(TrustAnchor? named) =>
        named is not null && Certificates.All(c => c.Fingerprint != named.Fingerprint) && Certificates.FirstOrDefault(static c => c.Issuer.Equals(c.Subject)) is { } other
            ? other.Fingerprint
            : null;

    private IReadOnlyList<T> Read<T>(BundleMember member, Func<byte[], IReadOnlyList<T>> read, Reason refused, FindingList findings)
    {
        try
        {
            return read(_container.ReadMember(member));
        }
        catch (MalformedException)
        {
            findings.Add(new Finding(Reason.Damaged, Member: member, Rule: "BU-11"));
        }
        catch (Exception e) when (e is CertificateRefusedException or HeadRefusedException or TimeStampRefusedException or ReceiptRefusedException)
        {
            findings.Add(new Finding(refused, Member: member, Rule: "BU-11"));
        }
        return [];
    }
}
