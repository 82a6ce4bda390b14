using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>Where a sealed value lives: table and row key. It is the associated data of the value's encryption, so that a
/// value moved to another row no longer opens.</summary>
internal sealed class VaultRow
{
    private readonly byte[] _encoded;

    private VaultRow(byte[] encoded) => _encoded = encoded;

    public ReadOnlySpan<byte> AssociatedData => _encoded;

    public static VaultRow Named(string table, string name) =>
        new(CborOutput.Encode(o => o.StartArray(2).Text(table).Text(name).EndArray()));

    public static VaultRow Numbered(string table, long row) =>
        new(CborOutput.Encode(o => o.StartArray(2).Text(table).Int(row).EndArray()));

    public static VaultRow Keyed(string table, Hash32 first) =>
        new(CborOutput.Encode(o => o.StartArray(2).Text(table).Hash(first).EndArray()));

    public static VaultRow Keyed(string table, Hash32 first, ulong position) =>
        new(CborOutput.Encode(o => o.StartArray(3).Text(table).Hash(first).UInt(position).EndArray()));

    public static VaultRow Keyed(string table, Hash32 first, Hash32 second, Hash32 third) =>
        new(CborOutput.Encode(o => o.StartArray(4).Text(table).Hash(first).Hash(second).Hash(third).EndArray()));
}
