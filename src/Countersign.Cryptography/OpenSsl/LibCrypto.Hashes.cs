using System.Runtime.InteropServices;

namespace Countersign.Cryptography;

/// <summary>EVP_MD and EVP_MAC.</summary>
internal static partial class LibCrypto
{
    [LibraryImport(Library, EntryPoint = "EVP_MD_fetch", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint FetchDigest(nint library, string algorithm, string? properties);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    public static partial HashOperation NewHash();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    public static partial void FreeHash(nint operation);

    /// <param name="operation">Of <see cref="NewHash"/>.</param>
    /// <param name="digest">Of <see cref="FetchDigest"/>; 0 begins anew with the one before.</param>
    /// <param name="parameters">0.</param>
    [LibraryImport(Library, EntryPoint = "EVP_DigestInit_ex2")]
    public static partial int BeginHash(nint operation, nint digest, nint parameters);

    [LibraryImport(Library, EntryPoint = "EVP_DigestUpdate")]
    public static partial int Hash(nint operation, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_DigestFinal_ex")]
    public static partial int EndHash(nint operation, Span<byte> digest, nint length);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_fetch", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint FetchMac(nint library, string algorithm, string? properties);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_CTX_new")]
    public static partial MacOperation NewMac(nint algorithm);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_CTX_free")]
    public static partial void FreeMac(nint operation);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_init")]
    public static partial int BeginMac(nint operation, ReadOnlySpan<byte> key, nuint length, ReadOnlySpan<Parameter> parameters);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_update")]
    public static partial int Mac(nint operation, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_MAC_final")]
    public static partial int EndMac(nint operation, Span<byte> mac, out nuint length, nuint room);
}
