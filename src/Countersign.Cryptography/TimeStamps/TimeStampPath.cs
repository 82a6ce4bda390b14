namespace Countersign.Cryptography;

/// <summary>TS-04 and TS-05: the path of a time-stamp authority, of certificates in the token and the root alone.</summary>
internal static class TimeStampPath
{
    /// <exception cref="CertificateRefusedException">A rule of SPEC section 3, or TS-05.</exception>
    public static CertificatePath Validate(Certificate authority, IReadOnlyList<ReadOnlyMemory<byte>> carried, TrustAnchor anchor,
        IRevocationKnowledge revocations, DateTimeOffset at)
    {
        var path = PathValidator.Validate(Chain(authority, carried, anchor), anchor, LeafPurpose.TimeStampAuthority, at);
        CheckRevocation(path, revocations, at);
        return path;
    }

    // What else a token carries plays no part, be it certificates of other kinds than ours.
    private static CertificateChain Chain(Certificate authority, IReadOnlyList<ReadOnlyMemory<byte>> carried, TrustAnchor anchor)
    {
        var candidates = carried.Select(TryParse).OfType<Certificate>().Where(c => c.ClaimsAuthority).ToList();
        var chain = new List<Certificate> { authority };
        while (chain.Count < CertificateChain.MaxLength && chain[^1].Fingerprint != anchor.Fingerprint
            && !(anchor.Certificate is { } root && Signed(root, chain[^1])))
        {
            var issuer = candidates.Find(c => !chain.Contains(c) && Signed(c, chain[^1]));
            if (issuer is null)
                break;
            chain.Add(issuer);
        }
        return new CertificateChain(chain);
    }

    private static Certificate? TryParse(ReadOnlyMemory<byte> der)
    {
        try
        {
            return Certificate.Parse(der);
        }
        catch (CertificateRefusedException)
        {
            return null;
        }
    }

    private static bool Signed(Certificate issuer, Certificate subject)
    {
        if (!subject.Issuer.Equals(issuer.Subject))
            return false;
        try
        {
            subject.CheckSignedBy(issuer);
            return true;
        }
        catch (CertificateRefusedException)
        {
            return false;
        }
    }

    // TS-05. Unlike the author of an entry, whoever has an authority's key can date back.
    private static void CheckRevocation(CertificatePath path, IRevocationKnowledge revocations, DateTimeOffset at)
    {
        RevocationChecks.CheckPast(path, revocations, at);
        foreach (var (subject, issuer) in path.Steps)
            if (!revocations.Of(subject, issuer)!.Entries.All(static entry => entry.Grounds.LeavesOlderSignatures))
                throw new CertificateRefusedException(CertificateFault.Suspect);
    }
}
