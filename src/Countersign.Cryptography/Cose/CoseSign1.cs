namespace Countersign.Cryptography;

/// <summary>A COSE_Sign1 message (RFC 9052 section 4.2) with algorithm PS256 (RFC 8230): SPEC 2.5, rules EN-01 to EN-03.</summary>
/// <remarks>
/// <code>
/// COSE_Sign1    = #6.18([protected: bstr .cbor header, unprotected: {}, payload: bstr, signature: bstr .size (256..512)])
/// Sig_structure = ["Signature1", protected: bstr, external_aad: bstr, payload: bstr]
/// </code>
/// Immutable; it keeps slices of the parsed bytes, which must not change afterwards. Parsed is not verified: only
/// <see cref="Verify"/> says that somebody signed it.
/// </remarks>
public sealed class CoseSign1
{
    /// <summary>Largest protected header in bytes; the largest of SPEC takes under 300.</summary>
    public const int MaxProtectedHeader = 1024;

    private const ulong SignTag = 18;
    private const byte FirstMap = 0xa1;
    private const byte LastMap = 0xb7;
    private const byte AlgorithmKey = 0x01;

    // -37, PS256 (RFC 8230)
    private const byte Ps256First = 0x38;
    private const byte Ps256Second = 0x24;

    private CoseSign1(ReadOnlyMemory<byte> protectedHeader, ReadOnlyMemory<byte> payload, Signature signature)
    {
        ProtectedHeader = protectedHeader;
        Payload = payload;
        Signature = signature;
    }

    /// <summary>The encoded header map: its first pair is alg PS256, the others are for the caller's grammar to read.</summary>
    public ReadOnlyMemory<byte> ProtectedHeader { get; }

    public ReadOnlyMemory<byte> Payload { get; }

    public Signature Signature { get; }

    /// <summary>Signs and encodes.</summary>
    /// <param name="key">The author's key.</param>
    /// <param name="purpose">Becomes external_aad (EN-03).</param>
    /// <param name="protectedHeader">The encoded header map, alg PS256 first.</param>
    /// <param name="payload">The payload's bytes, attached.</param>
    public static byte[] Sign(SigningKey key, Label purpose, ReadOnlySpan<byte> protectedHeader, ReadOnlySpan<byte> payload)
    {
        RequireOurHeader(protectedHeader);
        var signature = key.SignHash(Hash32.Sha256(SigStructure(purpose.Text(), protectedHeader, payload)));
        return new CborOutput()
            .Tag(SignTag)
            .StartArray(4)
            .Bytes(protectedHeader)
            .StartMap(0).EndMap()
            .Bytes(payload)
            .Bytes(signature.Span)
            .EndArray()
            .ToArray();
    }

    /// <summary>Parses one complete message.</summary>
    /// <param name="message">Exactly one message; kept by slices.</param>
    /// <param name="maxPayload">Largest payload in bytes.</param>
    /// <exception cref="MalformedException">It breaks EN-01, the algorithm is not PS256 (EN-02), or it is not deterministic CBOR.</exception>
    public static CoseSign1 Parse(ReadOnlyMemory<byte> message, int maxPayload) => CborInput.Parse(message, maxPayload, Read);

    private static CoseSign1 Read(CborInput input, int maxPayload)
    {
        input.Tag(SignTag); // EN-01
        input.StartArray(4);
        var protectedHeader = input.Bytes(1, MaxProtectedHeader);
        input.StartMap(0); // EN-01: nothing outside the signature
        input.EndMap();
        var payload = input.Bytes(0, maxPayload); // EN-01: attached, never null
        var signature = Signature.Slice(input.Bytes(Signature.MinSize, Signature.MaxSize));
        input.EndArray();
        CheckAlgorithm(protectedHeader.Span);
        return new CoseSign1(protectedHeader, payload, signature);
    }

    /// <summary>Verifies the signature for this purpose.</summary>
    /// <exception cref="BadSignatureException">It does not verify with this key for this purpose.</exception>
    public void Verify(VerificationKey key, Label purpose) => key.VerifyHash(
        CborOutput.Digest((purpose, message: this), static (output, given) => WriteSigStructure(
            output, given.purpose.Text(), given.message.ProtectedHeader.Span, given.message.Payload.Span)), // EN-03
        Signature);

    /// <summary>The bytes that the signature covers, for an auditor's own tools: RSA-PSS with SHA-256 over exactly these.</summary>
    public byte[] SigStructure(Label purpose) => SigStructure(purpose.Text(), ProtectedHeader.Span, Payload.Span);

    internal static byte[] SigStructure(ReadOnlySpan<byte> externalAad, ReadOnlySpan<byte> protectedHeader, ReadOnlySpan<byte> payload)
    {
        var output = new CborOutput();
        WriteSigStructure(output, externalAad, protectedHeader, payload);
        return output.ToArray();
    }

    private static void WriteSigStructure(
        CborOutput output, ReadOnlySpan<byte> externalAad, ReadOnlySpan<byte> protectedHeader, ReadOnlySpan<byte> payload) => output
        .StartArray(4)
        .Text("Signature1")
        .Bytes(protectedHeader)
        .Bytes(externalAad)
        .Bytes(payload)
        .EndArray();

    // EN-02. In ascending order of encodings the label alg (1) comes before every other label that COSE defines
    // for us, so that it is the first pair or not there; a map of at most 23 pairs has a head of one byte.
    private static void CheckAlgorithm(ReadOnlySpan<byte> protectedHeader)
    {
        if (protectedHeader is not [>= FirstMap and <= LastMap, AlgorithmKey, Ps256First, Ps256Second, ..])
            throw new MalformedException("EN-02: algorithm");
    }

    private static void RequireOurHeader(ReadOnlySpan<byte> protectedHeader)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(protectedHeader.Length, MaxProtectedHeader, nameof(protectedHeader));
        try
        {
            CheckAlgorithm(protectedHeader);
        }
        catch (MalformedException e)
        {
            throw new ArgumentException("The header must begin with alg PS256.", nameof(protectedHeader), e);
        }
    }
}
