using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The few functions of OpenSSL's libcrypto (3.0 or later) that are called without the platform in between: whole operations of its EVP
/// interface, never arithmetic.</summary>
/// <remarks>The platform reaches the same library and the same operations, but repeats their checks of a key four times in one P-256 exchange,
/// imports an RSA key by way of an encoder and a decoder of DER, and takes longer to reach SHA-256 than a hash of one block needs.
/// Where <see cref="IsAvailable"/> is false, and in the tests beside this, the platform is used.</remarks>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto.so.3"; // by the name under which the platform has loaded it
    private const long Version3 = 0x30000000;

    /// <summary>Whether the platform itself works with this library.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsAvailable { get; } =
        OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >= Version3 && NativeLibrary.TryLoad(Library, out _);

    /// <summary>What is missing or refused leaves a note in the thread's queue of errors, which is emptied here.</summary>
    /// <exception cref="CryptographicException">The call did not succeed.</exception>
    public static void Require(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result == 1)
            return;
        ClearErrors();
        throw new CryptographicException("libcrypto: " + call);
    }

    /// <exception cref="CryptographicException">The call did not succeed.</exception>
    public static T Require<T>(T handle, [CallerArgumentExpression(nameof(handle))] string call = "") where T : SafeHandle
    {
        if (handle.IsInvalid)
            Require(0, call);
        return handle;
    }

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

    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();

    /// <summary>OSSL_PARAM: a number or a string that goes into a key. An array of them ends with an empty one.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly unsafe struct Parameter(byte* name, uint kind, byte* data, nuint length)
    {
        /// <summary>OSSL_PARAM_UNSIGNED_INTEGER, in the machine's order of bytes.</summary>
        public const uint Unsigned = 2;

        /// <summary>OSSL_PARAM_UTF8_STRING.</summary>
        public const uint Text = 4;

        private readonly byte* _name = name;
        private readonly uint _kind = kind;
        private readonly byte* _data = data;
        private readonly nuint _length = length;
        private readonly nuint _returned = 0;
    }
}

/// <summary>EVP_PKEY_CTX: one operation with a key.</summary>
internal sealed class KeyOperation() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeOperation(handle);
        return true;
    }
}

/// <summary>EVP_MD_CTX: a hash under way.</summary>
internal sealed class HashOperation() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeHash(handle);
        return true;
    }
}

/// <summary>EVP_MAC_CTX: a MAC under way.</summary>
internal sealed class MacOperation() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.FreeMac(handle);
        return true;
    }
}
