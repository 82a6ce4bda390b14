using System.Text;

namespace Countersign.Evidence;

/// <summary>The members of a bundle, in the one order they stand in (BU-02).</summary>
public enum BundleMember
{
    Readme,
    Manifest,
    Entries,
    Heads,
    Receipts,
    Keys,
    Certificates,
    RevocationLists,
    Stamps,
    Misconduct,
}

public static class BundleMembers
{
    /// <summary>All of them in their order.</summary>
    public static IReadOnlyList<BundleMember> InOrder { get; } = Enum.GetValues<BundleMember>();

    /// <summary>The name inside the ZIP: ASCII, without a directory.</summary>
    public static string FileName(this BundleMember member) => member switch
    {
        BundleMember.Readme => "README.txt",
        BundleMember.Manifest => "manifest.cbor",
        BundleMember.Entries => "entries.cbor",
        BundleMember.Heads => "heads.cbor",
        BundleMember.Receipts => "receipts.cbor",
        BundleMember.Keys => "keys.cbor",
        BundleMember.Certificates => "certificates.pem",
        BundleMember.RevocationLists => "crls.pem",
        BundleMember.Stamps => "stamps.cbor",
        BundleMember.Misconduct => "misconduct.cbor",
        _ => throw new ArgumentOutOfRangeException(nameof(member)),
    };

    /// <summary>A bundle may be without it.</summary>
    public static bool IsOptional(this BundleMember member) => member is BundleMember.Misconduct;

    /// <summary>Most bytes of a member (BU-07). Only entries and keys are read piece by piece.</summary>
    public static uint MaxBytes(this BundleMember member) => member switch
    {
        BundleMember.Readme or BundleMember.Manifest => 1 << 14,
        BundleMember.Misconduct => 1 << 20,
        BundleMember.Entries or BundleMember.Keys => uint.MaxValue,
        _ => 1 << 26,
    };

    internal static byte[] EncodedName(this BundleMember member) => Encoding.ASCII.GetBytes(member.FileName());
}
