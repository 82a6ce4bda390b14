using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

// The system's library, which the platform has, too: none that lies beside the program.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.System32)]

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

    /// <exception cref="CryptographicException">The call found nothing.</exception>
    public static nint Require(nint found, [CallerArgumentExpression(nameof(found))] string call = "")
    {
        if (found == 0)
            Require(0, call);
        return found;
    }

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
