using System.Runtime.Versioning;

namespace Countersign.Cryptography;

/// <summary>SHA-256 of OpenSSL's EVP interface: a node of the tree takes a third of the time that it takes by way of the platform.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenSslSha256 : Sha256
{
    /// <summary>EVP_MD of SHA-256. Never freed: the process's.</summary>
    internal static nint Algorithm { get; } = LibCrypto.Require(LibCrypto.FetchDigest(0, "SHA256", null));

    private readonly HashOperation _operation = LibCrypto.Require(LibCrypto.NewHash());

    public OpenSslSha256() => LibCrypto.Require(LibCrypto.BeginHash(_operation.DangerousGetHandle(), Algorithm, 0));

    // The handle as it is, kept alive to the end: to count its users for each of four calls would cost as much as they do.
    public override void Hash(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest.Length, Hash32.Size);
        var operation = _operation.DangerousGetHandle();
        if (!prefix.IsEmpty)
            LibCrypto.Require(LibCrypto.Hash(operation, prefix, (nuint)prefix.Length));
        LibCrypto.Require(LibCrypto.Hash(operation, data, (nuint)data.Length));
        LibCrypto.Require(LibCrypto.EndHash(operation, digest, 0)); // erases its block
        LibCrypto.Require(LibCrypto.BeginHash(operation, 0, 0));
        GC.KeepAlive(this);
    }
}
