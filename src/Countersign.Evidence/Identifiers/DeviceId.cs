using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A device's id: SHA-256 of its certificate's DER, SPEC section 1.</summary>
public readonly record struct DeviceId(Hash32 Value) : IComparable<DeviceId>
{
    public int CompareTo(DeviceId other) => Value.CompareTo(other.Value);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString();
}
