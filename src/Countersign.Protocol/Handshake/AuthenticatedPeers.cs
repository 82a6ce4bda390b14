using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary>A device whose path was valid and that proved, on this link, to hold its key. Only a handshake makes one.</summary>
public sealed class AuthenticatedDevice
{
    internal AuthenticatedDevice(VerifiedDevice verified, CertificateChain chain)
    {
        Verified = verified;
        Chain = chain;
    }

    public VerifiedDevice Verified { get; }

    /// <summary>As the device showed it, without the root.</summary>
    public CertificateChain Chain { get; }

    /// <summary>The user its certificate names: the account of everything on this link (AC-01).</summary>
    public UserName User => Verified.User;

    public DeviceId Device => new(Verified.Leaf.Fingerprint);
}

/// <summary>A server whose path was valid for the name wanted and that proved, on this link, to hold its key. Only a handshake
/// makes one.</summary>
public sealed class AuthenticatedServer
{
    internal AuthenticatedServer(VerifiedServer verified, CertificateChain chain) => (Verified, Chain) = (verified, chain);

    public VerifiedServer Verified { get; }

    /// <summary>As the server showed it.</summary>
    public CertificateChain Chain { get; }

    public ServerName Name => Verified.Name;
}
