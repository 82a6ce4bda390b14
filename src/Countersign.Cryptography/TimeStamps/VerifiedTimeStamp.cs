namespace Countersign.Cryptography;

/// <summary>Proof that bytes existed at a time, by the word of an authority under the trusted root: only
/// <see cref="TimeStampToken.Verify"/> makes it.</summary>
public sealed class VerifiedTimeStamp
{
    internal VerifiedTimeStamp(TimeStampToken token, Hash32 stamped, CertificatePath path) =>
        (Token, Stamped, Authority, Issuer, Root) = (token, stamped, path.Leaf, path.All[1], path.Root);

    public TimeStampToken Token { get; }

    /// <summary>SHA-256 of the stamped bytes.</summary>
    public Hash32 Stamped { get; }

    /// <summary>The time-stamp authority's certificate.</summary>
    public Certificate Authority { get; }

    /// <summary>The CA that certified it: the root, or one below it.</summary>
    public Certificate Issuer { get; }

    /// <summary>The root it leads to: the configured one.</summary>
    public Certificate Root { get; }

    /// <summary>genTime: the authority's clock.</summary>
    public DateTimeOffset Time => Token.Time;

    /// <summary>How far the authority's clock may be off, in either direction; zero if the token does not say.</summary>
    public TimeSpan Accuracy => Token.Accuracy;

    /// <summary>The stamped bytes existed at this time at the latest (TS-07).</summary>
    public DateTimeOffset NotAfter => Time > DateTimeOffset.MaxValue - Accuracy ? DateTimeOffset.MaxValue : Time + Accuracy;
}
