using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Countersign.Cryptography.Tests;

/// <summary>A token in the making whose every field a test may set otherwise. Its signature is always right for what stands there, so that
/// only the rule in question can refuse it.</summary>
internal sealed record ForgedToken
{
    public const string ContentTypeOid = "1.2.840.113549.1.9.3";
    public const string MessageDigestOid = "1.2.840.113549.1.9.4";
    public const string CounterSignatureOid = "1.2.840.113549.1.9.6";

    private static readonly byte[] Sha256Null = Algorithm(Oids.Sha256, withNull: true);

    public Forged Leaf { get; init; } = TsaWorld.Leaf with { Serial = [0x55] };
    public byte[] Stamped { get; init; } = TsaWorld.Data;
    public DateTimeOffset Time { get; init; } = World.Now;

    public int InfoVersion { get; init; } = 1;
    public byte[] ImprintAlgorithm { get; init; } = Sha256Null;
    public byte[] Accuracy { get; init; } = [];
    public byte[] Ordering { get; init; } = [];
    public byte[] Tsa { get; init; } = [];

    public int Version { get; init; } = 3;
    public byte[] DigestAlgorithms { get; init; } = Sha256Null;
    public byte[][]? Certificates { get; init; }
    public byte[] Lists { get; init; } = [];

    public int SignerVersion { get; init; } = 1;
    public byte[]? Signer { get; init; }
    public byte[] DigestAlgorithm { get; init; } = Sha256Null;
    public byte[]? SigningCertificates { get; init; }
    public byte[][] MoreAttributes { get; init; } = [];
    public bool IsSorted { get; init; } = true;
    public byte[] SignatureAlgorithm { get; init; } = Algorithm(Oids.RsaEncryption, withNull: true);
    public byte[] Unsigned { get; init; } = [];

    public TimeStampToken Token() => TimeStampToken.Parse(Build());

    public byte[] Build()
    {
        var info = Info();
        var data = Sequence(Integer(Version), Set(DigestAlgorithms),
            Sequence(Oid(SignedTimeStamp.ContentType), Tagged(0, Octets(info))),
            Tagged(0, Certificates ?? [Leaf.Build(), World.Issuing.Build()]), Lists,
            Set(SignerInfo(info)));
        return Sequence(Oid("1.2.840.113549.1.7.2"), Tagged(0, data));
    }

    private byte[] Info()
    {
        var time = Written(w => w.WriteGeneralizedTime(Time, omitFractionalSeconds: true));
        return Sequence(Integer(InfoVersion), Oid("1.2.3.4"), Sequence(ImprintAlgorithm, Octets(SHA256.HashData(Stamped))), Integer(7), time,
            Accuracy, Ordering, Tsa);
    }

    private byte[] SignerInfo(byte[] info)
    {
        byte[][] attributes =
        [
            Attribute(ContentTypeOid, Oid(SignedTimeStamp.ContentType)),
            Attribute(MessageDigestOid, Octets(SHA256.HashData(info))),
            Attribute(Cryptography.SigningCertificates.Oid, SigningCertificates ?? SigningCertificate(Identifier(Leaf.Build()))),
            .. MoreAttributes,
        ];
        Array.Sort(attributes, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        if (!IsSorted)
            Array.Reverse(attributes);
        var signed = attributes.SelectMany(static a => a).ToArray();
        using var rsa = RSA.Create();
        using (var pkcs8 = Leaf.Key.ExportPkcs8())
            rsa.ImportPkcs8PrivateKey(pkcs8.Span, out _);
        var signature = rsa.SignData(Value(0x31, signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Sequence(Integer(SignerVersion), Signer ?? Sequence(Leaf.Issuer.Der.ToArray(), Serial(Leaf.Serial)), DigestAlgorithm,
            Tagged(0, signed), SignatureAlgorithm, Octets(signature), Unsigned);
    }

    public static byte[] SigningCertificate(params byte[][] identifiers) => Sequence(Sequence(identifiers));

    /// <summary>ESSCertIDv2.</summary>
    public static byte[] Identifier(byte[] certificate, byte[]? issuerSerial = null, byte[]? algorithm = null) =>
        Sequence(algorithm ?? [], Octets(SHA256.HashData(certificate)), issuerSerial ?? []);

    public static byte[] IssuerSerial(DistinguishedName issuer, byte[] serial) => Sequence(Sequence(Tagged(4, issuer.Der.ToArray())), Serial(serial));

    public static byte[] Algorithm(string oid, bool withNull) => Sequence(Oid(oid), withNull ? [5, 0] : []);

    public static byte[] Attribute(string oid, params byte[][] values) => Sequence(Oid(oid), Set(values));

    public static byte[] Seconds(long seconds) => Written(w => w.WriteInteger(seconds));
    public static byte[] Thousandths(int tag, int value) => Written(w => w.WriteInteger(value, new Asn1Tag(TagClass.ContextSpecific, tag)));

    public static byte[] Sequence(params byte[][] parts) => Value(0x30, [.. parts.SelectMany(static p => p)]);
    public static byte[] Set(params byte[][] parts) => Value(0x31, [.. parts.SelectMany(static p => p)]);
    public static byte[] Tagged(int number, params byte[][] parts) => Value((byte)(0xA0 | number), [.. parts.SelectMany(static p => p)]);

    private static byte[] Integer(int value) => Written(w => w.WriteInteger(value));
    private static byte[] Serial(byte[] content) => Written(w => w.WriteInteger(content));
    private static byte[] Oid(string oid) => Written(w => w.WriteObjectIdentifier(oid));
    private static byte[] Octets(byte[] content) => Written(w => w.WriteOctetString(content));

    // By hand: a writer would sort sets.
    private static byte[] Value(byte tag, byte[] content) => content.Length switch
    {
        < 0x80 => [tag, (byte)content.Length, .. content],
        < 0x100 => [tag, 0x81, (byte)content.Length, .. content],
        _ => [tag, 0x82, (byte)(content.Length >> 8), (byte)content.Length, .. content],
    };

    private static byte[] Written(Action<AsnWriter> write)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        write(writer);
        return writer.Encode();
    }
}
