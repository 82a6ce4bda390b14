using System.Runtime.InteropServices;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Where something stands in the bundle's file: members are stored, so that any tool can cut it out.</summary>
internal readonly record struct Place(long Offset, int Length)
{
    public Place Within(int offset, int length) => new(Offset + offset, length);
}

/// <summary>Where the items of a bundle stand.</summary>
internal sealed class Places(BundleContainer container)
{
    private Dictionary<Hash32, Place>? _certificates;

    /// <summary>The items of a CBOR sequence with their places, heads of the encoding included.</summary>
    public IEnumerable<(Place Place, T Item)> Items<T>(BundleMember member, int maxItem, Func<CborInput, T> read, Func<T, byte[]> encode)
    {
        using var content = container.OpenMember(member);
        var sequence = new CborSequence(content, maxItem);
        var at = container.OffsetOf(member);
        while (sequence.TryRead(read, out var item))
        {
            var length = encode(item).Length;
            yield return (new Place(at, length), item);
            at += length;
        }
    }

    /// <summary>A certificate's PEM block.</summary>
    public Place Certificate(Hash32 fingerprint) =>
        (_certificates ??= FindCertificates()).TryGetValue(fingerprint, out var place) ? place : throw new MalformedException("BU-12: certificate");

    private Dictionary<Hash32, Place> FindCertificates()
    {
        var found = new Dictionary<Hash32, Place>();
        var at = container.OffsetOf(BundleMember.Certificates);
        foreach (var certificate in PemList.ReadCertificates(container.ReadMember(BundleMember.Certificates)))
        {
            var length = certificate.ToPem().Length;
            found.Add(certificate.Fingerprint, new Place(at, length));
            at += length;
        }
        return found;
    }

    /// <summary>Where a slice begins inside the bytes it was cut from.</summary>
    public static int OffsetIn(ReadOnlyMemory<byte> whole, ReadOnlyMemory<byte> slice)
    {
        MemoryMarshal.TryGetArray(whole, out var outer);
        MemoryMarshal.TryGetArray(slice, out var inner);
        return inner.Offset - outer.Offset;
    }
}
