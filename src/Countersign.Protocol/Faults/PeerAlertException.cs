namespace Countersign.Protocol;

/// <summary>The peer ended the link and said why. Nothing is answered: a fault is reported once (ER-01).</summary>
public sealed class PeerAlertException : Exception
{
    public PeerAlertException(WireCode code, bool authenticated) : base($"the peer ended the link: {code.Name()}")
    {
        Code = code;
        IsAuthenticated = authenticated;
    }

    public WireCode Code { get; }

    /// <summary>Whether the alert came inside the record layer; one in the clear can be anybody's on the wire (ER-03).</summary>
    public bool IsAuthenticated { get; }
}
