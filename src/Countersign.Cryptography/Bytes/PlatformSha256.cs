using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>SHA-256 of the platform.</summary>
internal sealed class PlatformSha256 : Sha256
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override void Hash(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        if (!prefix.IsEmpty)
            _hash.AppendData(prefix);
        _hash.AppendData(data);
        _hash.GetHashAndReset(digest); // the library erases its block here, and begins anew
    }
}
