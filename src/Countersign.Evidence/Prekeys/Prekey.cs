using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>How often a prekey serves; the numbers are signed.</summary>
public enum PrekeyKind
{
    /// <summary>Handed out once, ever (SE-08).</summary>
    OneTime = 0,

    /// <summary>Handed out when no one-time prekey is left; replaced after 7 days (CK-04).</summary>
    LastResort = 1,
}

/// <summary>A device's signed HPKE key, parsed and believed in nothing (SPEC section 9).</summary>
/// <remarks>
/// <code>prekey = COSE_Sign1: header {1 => -37, 34 => [-16, device], -65537 => 19}, payload [point: bstr .size 65, kind: 0 / 1, time]</code>
/// Purpose "prekey". Immutable; it keeps slices of the bytes it was parsed from.
/// </remarks>
public sealed class Prekey
{
    /// <summary>Largest prekey in bytes.</summary>
    public const int MaxBytes = 1024;

    private const int Type = 19;
    private const int MaxPayload = 128;

    private readonly CoseSign1 _cose;

    private Prekey(ReadOnlyMemory<byte> bytes, CoseSign1 cose, DeviceId device, EcPoint point, PrekeyKind kind, DateTimeOffset time) =>
        (Bytes, _cose, Device, Point, Kind, Time, Id) = (bytes, cose, device, point, kind, time, PrekeyId.Of(bytes.Span));

    public ReadOnlyMemory<byte> Bytes { get; }
    public PrekeyId Id { get; }
    public DeviceId Device { get; }

    /// <summary>On P-256 (HS-01).</summary>
    public EcPoint Point { get; }

    public PrekeyKind Kind { get; }

    /// <summary>The device's clock when it made the key.</summary>
    public DateTimeOffset Time { get; }

    public static Prekey Sign(SigningKey key, DeviceId device, EcPoint point, PrekeyKind kind, DateTimeOffset time)
    {
        var payload = new CborOutput().StartArray(3).Bytes(point.Span).UInt((ulong)kind).Time(time).EndArray().ToArray();
        return Parse(CoseSign1.Sign(key, Label.Prekey, SignedHeader.Encode(device.Value, Type), payload));
    }

    /// <param name="bytes">One prekey and nothing else; kept by slices.</param>
    /// <exception cref="PrekeyRefusedException">Malformed.</exception>
    public static Prekey Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var cose = CoseSign1.Parse(bytes, MaxPayload);
            var (device, type) = SignedHeader.Parse(cose.ProtectedHeader);
            if (type != Type)
                throw new MalformedException("prekey type");
            return CborInput.Parse(cose.Payload, input =>
            {
                input.StartArray(3);
                var point = EcPoint.Parse(input.Bytes(EcPoint.Size).Span); // HS-01
                var kind = (PrekeyKind)input.UInt((ulong)PrekeyKind.LastResort);
                var prekey = new Prekey(bytes, cose, new DeviceId(device), point, kind, input.Time());
                input.EndArray();
                return prekey;
            });
        }
        catch (MalformedException e)
        {
            throw new PrekeyRefusedException(PrekeyFault.Malformed, e);
        }
    }

    /// <summary>Proves that the device itself signed it (CK-05).</summary>
    /// <param name="device">The device somebody wants to seal to, or that hands the prekey in.</param>
    /// <exception cref="PrekeyRefusedException">OtherDevice or BadSignature.</exception>
    public VerifiedPrekey Verify(VerifiedDevice device)
    {
        if (device.Leaf.Fingerprint != Device.Value)
            throw new PrekeyRefusedException(PrekeyFault.OtherDevice);
        try
        {
            _cose.Verify(device.Leaf.PublicKey, Label.Prekey);
        }
        catch (BadSignatureException e)
        {
            throw new PrekeyRefusedException(PrekeyFault.BadSignature, e);
        }
        return new VerifiedPrekey(this, device);
    }
}

/// <summary>A prekey that its device signed: only <see cref="Prekey.Verify"/> makes it, and nothing else is sealed to.</summary>
public sealed class VerifiedPrekey
{
    internal VerifiedPrekey(Prekey prekey, VerifiedDevice device) => (Prekey, Device) = (prekey, device);

    public Prekey Prekey { get; }
    public VerifiedDevice Device { get; }
}
