using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>EVP_PKEY: key pairs, agreement, imports, verification.</summary>
internal static partial class LibCrypto
{
    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial KeyOperation NewOperation(nint library, string algorithm, string? properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_new_from_pkey", StringMarshalling = StringMarshalling.Utf8)]
    public static partial KeyOperation NewOperation(nint library, SafeEvpPKeyHandle key, string? properties);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_free")]
    public static partial void FreeOperation(nint operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_paramgen_init")]
    public static partial int BeginParameters(KeyOperation operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_group_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetGroup(KeyOperation operation, string group);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_keygen_init")]
    public static partial int BeginKeyPair(KeyOperation operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_generate")]
    public static partial int Generate(KeyOperation operation, out SafeEvpPKeyHandle result);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_dup")]
    public static partial SafeEvpPKeyHandle Duplicate(SafeEvpPKeyHandle key);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_octet_string_param", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetBytes(SafeEvpPKeyHandle key, string name, Span<byte> value, nuint room, out nuint length);

    /// <summary>A point that is not on the key's curve is refused.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_PKEY_set1_encoded_public_key")]
    public static partial int SetPublicKey(SafeEvpPKeyHandle key, ReadOnlySpan<byte> encoded, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_init")]
    public static partial int BeginAgreement(KeyOperation operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive_set_peer_ex")]
    public static partial int SetPeer(KeyOperation operation, SafeEvpPKeyHandle peer, int validate);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_derive")]
    public static partial int Agree(KeyOperation operation, Span<byte> shared, ref nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata_init")]
    public static partial int BeginImport(KeyOperation operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_fromdata")]
    public static partial int Import(KeyOperation operation, out SafeEvpPKeyHandle result, int selection, ReadOnlySpan<Parameter> parameters);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_verify_init")]
    public static partial int BeginVerification(KeyOperation operation);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_padding")]
    public static partial int SetRsaPadding(KeyOperation operation, int padding);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_pss_saltlen")]
    public static partial int SetPssSaltLength(KeyOperation operation, int length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_signature_md")]
    public static partial int SetSignatureDigest(KeyOperation operation, nint digest);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_set_rsa_mgf1_md")]
    public static partial int SetMgf1Digest(KeyOperation operation, nint digest);

    /// <returns>0 if there is no memory for it; otherwise for <see cref="FreeOperation"/>.</returns>
    [LibraryImport(Library, EntryPoint = "EVP_PKEY_CTX_dup")]
    public static partial nint Duplicate(KeyOperation operation);

    /// <returns>1; 0 or less if the signature does not verify.</returns>
    [LibraryImport(Library, EntryPoint = "EVP_PKEY_verify")]
    public static partial int Verify(nint operation, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> hash, nuint hashLength);
}
