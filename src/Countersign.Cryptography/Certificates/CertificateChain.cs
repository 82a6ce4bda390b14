namespace Countersign.Cryptography;

/// <summary>Certificates in the order of a path: leaf, at most one issuing CA, and the root only where a rule asks for it
/// (SPEC 1, HS-08). Presented, not verified.</summary>
public sealed class CertificateChain
{
    /// <summary>Most certificates: leaf, issuing CA, root (CE-01).</summary>
    public const int MaxLength = 3;

    /// <param name="certificates">One to three, leaf first.</param>
    /// <exception cref="CertificateRefusedException">None, or more than three (CE-01).</exception>
    public CertificateChain(IReadOnlyList<Certificate> certificates)
    {
        if (certificates.Count is 0 or > MaxLength)
            throw new CertificateRefusedException(CertificateFault.PathLength);
        Certificates = [.. certificates];
    }

    /// <summary>Leaf first.</summary>
    public IReadOnlyList<Certificate> Certificates { get; }

    public Certificate Leaf => Certificates[0];

    /// <summary>Reads <c>[1*3 certificate]</c>.</summary>
    /// <exception cref="MalformedException">Not that grammar.</exception>
    /// <exception cref="CertificateRefusedException">An element is no certificate of the profile.</exception>
    public static CertificateChain Read(CborInput input) => Read(input, []);

    /// <summary>The same; a certificate that is, byte for byte, one of <paramref name="held"/> is that object: an issuing CA's is parsed
    /// and kept once, and not with each device.</summary>
    public static CertificateChain Read(CborInput input, IReadOnlyList<Certificate> held)
    {
        var certificates = new Certificate[input.StartArray(1, MaxLength)];
        for (var i = 0; i < certificates.Length; i++)
            certificates[i] = ReadOne(input.Bytes(1, Certificate.MaxSize), held);
        input.EndArray();
        return new CertificateChain(certificates);
    }

    private static Certificate ReadOne(ReadOnlyMemory<byte> der, IReadOnlyList<Certificate> held)
    {
        foreach (var certificate in held)
            if (certificate.Der.Span.SequenceEqual(der.Span))
                return certificate;
        return Certificate.Parse(der);
    }

    /// <summary>Writes <c>[1*3 certificate]</c>.</summary>
    public void Write(CborOutput output)
    {
        output.StartArray(Certificates.Count);
        foreach (var certificate in Certificates)
            output.Bytes(certificate.Der.Span);
        output.EndArray();
    }

    /// <summary>This chain with the root at its end.</summary>
    public CertificateChain With(Certificate root) => new([.. Certificates, root]);
}
