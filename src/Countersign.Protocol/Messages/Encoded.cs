using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The exact bytes of a <typeparamref name="TItem"/> as they travel, bounded but not looked at: whoever acts on them
/// parses and verifies them first.</summary>
/// <typeparam name="TItem">What the bytes claim to be.</typeparam>
public readonly struct Encoded<TItem> : IEquatable<Encoded<TItem>>
{
    /// <param name="bytes">Not copied; the caller does not change them any more.</param>
    public Encoded(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    public ReadOnlyMemory<byte> Bytes { get; }

    public bool Equals(Encoded<TItem> other) => Bytes.Span.SequenceEqual(other.Bytes.Span);
    public override bool Equals(object? obj) => obj is Encoded<TItem> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    public static bool operator ==(Encoded<TItem> left, Encoded<TItem> right) => left.Equals(right);
    public static bool operator !=(Encoded<TItem> left, Encoded<TItem> right) => !left.Equals(right);

    /// <summary>The length only.</summary>
    public override string ToString() => $"{typeof(TItem).Name}({Bytes.Length} bytes)";
}

/// <summary>Reading and writing of encoded items and lists of them.</summary>
internal static class EncodedItems
{
    /// <summary>One item of 1 to <paramref name="max"/> bytes.</summary>
    public static Encoded<T> Encoded<T>(this CborInput input, int max) => new(input.Bytes(1, max));

    /// <summary>An array of <paramref name="min"/> to <paramref name="max"/> items that <paramref name="read"/> reads.</summary>
    public static EquatableList<T> List<T>(this CborInput input, int min, int max, Func<CborInput, T> read)
    {
        var items = new T[input.StartArray(min, max)];
        for (var i = 0; i < items.Length; i++)
            items[i] = read(input);
        input.EndArray();
        return new EquatableList<T>(items);
    }

    public static CborOutput Encoded<T>(this CborOutput output, Encoded<T> item) => output.Bytes(item.Bytes.Span);

    public static CborOutput List<T>(this CborOutput output, EquatableList<T> items, Action<CborOutput, T> write)
    {
        output.StartArray(items.Count);
        foreach (var item in items)
            write(output, item);
        return output.EndArray();
    }
}
