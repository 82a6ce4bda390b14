using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary><c>certificates = [3, chain, crls]</c>: who the sender says it is, not yet proved. A client's list of CRLs is
/// empty: the server holds its own.</summary>
public sealed record Certificates(CertificateChain Chain, EquatableList<CertificateRevocationList> Crls) : IHandshakeMessage<Certificates>
{
    public static Certificates Parse(ReadOnlyMemory<byte> bytes) => Parse(bytes, []);

    /// <param name="bytes">One message.</param>
    /// <param name="held">Certificates that need not be parsed again.</param>
    internal static Certificates Parse(ReadOnlyMemory<byte> bytes, IReadOnlyList<Certificate> held) =>
        MessageShape.Parse(bytes, MessageType.Certificates, 2, input => new Certificates(CertificateChain.Read(input, held), input.Crls()));

    public byte[] Encode() => MessageShape.Encode(MessageType.Certificates, 2, output =>
    {
        Chain.Write(output);
        output.Crls(Crls);
    });
}
