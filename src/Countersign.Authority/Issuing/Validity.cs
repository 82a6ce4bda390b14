using Countersign.Cryptography;

namespace Countersign.Authority;

/// <summary>From and until when, both seconds included.</summary>
internal sealed record Validity(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    public static Validity Starting(DateTimeOffset now, TimeSpan lifetime) => new(now - Lifetimes.Backdating, now + lifetime);

    /// <summary>Never beyond the issuer's own: a path is valid only while all of it is (CE-03).</summary>
    public Validity Within(Certificate issuer) => new(
        NotBefore < issuer.NotBefore ? issuer.NotBefore : NotBefore,
        NotAfter > issuer.NotAfter ? issuer.NotAfter : NotAfter);
}
