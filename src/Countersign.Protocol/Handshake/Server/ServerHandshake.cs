using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The server's end of one handshake. The driver begins with <see cref="Start"/> and walks from state to state, in the
/// protocol's order; each reads one frame and gives the frames to send.</summary>
/// <remarks>Owns every secret of the handshake until the link is established. Dispose it in any case.
/// One handshake, one thread.</remarks>
public sealed class ServerHandshake : IDisposable
{
    private readonly HandshakeContext _context = new(Side.Server);

    /// <param name="identity">Shown and proved to the client.</param>
    /// <param name="revocations">The server's own lists: what it checks devices against, and shows.</param>
    /// <param name="known">Chains that were shown before; shared by all handshakes of the server.</param>
    public ServerHandshake(ServerIdentity identity, RevocationSet revocations, KnownDevices known) =>
        Start = new ExpectHello(_context, identity, revocations, known);

    /// <summary>The first state.</summary>
    public ExpectHello Start { get; }

    /// <summary>The one alert that ends this link, under the keys in force, as a frame to send before closing (ER-01); empty if
    /// there has been one, if the peer has ended the link itself, or once the link is established and has alerts of its own.</summary>
    public ReadOnlyMemory<byte> Alert(WireCode code) => _context.TakeAlert(code);

    public void Dispose() => _context.Dispose();

    internal HandshakeContext Context => _context;
}
