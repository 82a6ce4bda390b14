using System.Net.Sockets;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The link came to an end that is not the client's own wish.</summary>
internal sealed class LinkEndedException(LinkEnd end, Exception? inner = null) : Exception("The link ended.", inner)
{
    public LinkEnd End { get; } = end;
}

/// <summary>Turns the ways in which a link fails into the closed set of reasons.</summary>
internal static class LinkFailure
{
    /// <summary>The reason, or null for a bug of ours or a cancellation by our own caller.</summary>
    public static LinkEnd? Of(Exception exception) => exception switch
    {
        LinkEndedException e => e.End,
        StorageException e => new LinkEnd.Storage(e.Message),
        PeerAlertException { Code: WireCode.BadCert, IsAuthenticated: true } => new LinkEnd.ToldByServer(WireCode.BadCert),
        PeerAlertException { IsAuthenticated: true } e => new LinkEnd.ToldByServer(e.Code),
        PeerAlertException e => new LinkEnd.Network("an unauthenticated alert: " + e.Code.Name()), // ER-03: anybody's on the wire
        PeerFaultException { InnerException: CertificateRefusedException e } => new LinkEnd.WrongServer(e.Fault),
        PeerFaultException e => new LinkEnd.ServerFault(e.Code, e.Rule),
        TruncatedException => new LinkEnd.Network("the connection was cut"),
        SocketException e => new LinkEnd.Network(Words(e.SocketErrorCode)),
        IOException { InnerException: SocketException e } => new LinkEnd.Network(Words(e.SocketErrorCode)),
        IOException => new LinkEnd.Network("the connection failed"),
        _ => null,
    };

    /// <summary>The reason, whatever it is: for the outermost places, where a fault of this program ends a link and has to be seen.</summary>
    public static LinkEnd OfAny(Exception exception) => Of(exception) ?? new LinkEnd.OwnFault(exception);

    private static string Words(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "nobody takes connections at the server's address",
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "the server's address is not found",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "the server's address is not reached",
        SocketError.TimedOut => "no answer in time",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "the connection was cut",
        _ => $"the connection failed ({error})",
    };

    /// <summary>Final, unless somebody sets a clock right: this device's, or the server's.</summary>
    public static bool MayPass(LinkEnd end) => end is LinkEnd.ToldByServer { Code: WireCode.BadCert }
        or LinkEnd.WrongServer { Fault: CertificateFault.Expired or CertificateFault.NotYetValid or CertificateFault.RevocationStale }
        or LinkEnd.OwnCertificate { Fault: CertificateFault.Expired or CertificateFault.NotYetValid };

    /// <summary>Trying again by itself would not help: a person has to act first.</summary>
    public static bool IsFinal(LinkEnd end) => end switch
    {
        LinkEnd.WrongServer or LinkEnd.OwnCertificate or LinkEnd.PassphraseChangedElsewhere or LinkEnd.AccountRenewedElsewhere => true,
        LinkEnd.ToldByServer told => told.Code is WireCode.BadCert or WireCode.AuthFail or WireCode.BadVersion,
        _ => false,
    };
}
