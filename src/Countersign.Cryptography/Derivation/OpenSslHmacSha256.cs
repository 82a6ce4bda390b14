using System.Runtime.Versioning;

namespace Countersign.Cryptography;

/// <summary>HMAC of OpenSSL's EVP interface: by way of the platform each MAC fetches its algorithm anew, from tables that all threads share, and a
/// link set-up makes some 25.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenSslHmacSha256 : HmacSha256
{
    private static readonly byte[] NoKey = new byte[Hash32.Size];
    private static readonly nint Algorithm = LibCrypto.Require(LibCrypto.FetchMac(0, "HMAC", null)); // never freed: the process's

    private readonly MacOperation _operation = LibCrypto.Require(LibCrypto.NewMac(Algorithm));

    public unsafe OpenSslHmacSha256()
    {
        fixed (byte* name = "digest\0"u8, sha256 = "SHA256\0"u8)
        {
            ReadOnlySpan<LibCrypto.Parameter> digest = [new(name, LibCrypto.Parameter.Text, sha256, (nuint)"SHA256"u8.Length), default];
            LibCrypto.Require(LibCrypto.BeginMac(_operation.DangerousGetHandle(), NoKey, (nuint)NoKey.Length, digest));
        }
    }

    /// <summary>For the test that no key stays in it.</summary>
    internal MacOperation Operation => _operation;

    // The handle as it is, kept alive to the end, as in OpenSslSha256.
    public override void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length); // the library would go on with the key before
        ArgumentOutOfRangeException.ThrowIfLessThan(mac.Length, Hash32.Size);
        var operation = _operation.DangerousGetHandle();
        LibCrypto.Require(LibCrypto.BeginMac(operation, key, (nuint)key.Length, []));
        LibCrypto.Require(LibCrypto.Mac(operation, first, (nuint)first.Length));
        LibCrypto.Require(LibCrypto.Mac(operation, second, (nuint)second.Length));
        LibCrypto.Require(LibCrypto.EndMac(operation, mac, out _, Hash32.Size));
        LibCrypto.Require(LibCrypto.BeginMac(operation, NoKey, (nuint)NoKey.Length, [])); // writes over what was made of the key
        GC.KeepAlive(this);
    }
}
