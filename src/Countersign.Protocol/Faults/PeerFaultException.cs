namespace Countersign.Protocol;

/// <summary>The peer broke a rule: the link ends, once, with this code (ER-01).</summary>
/// <remarks>Carries a code for the peer and a rule for our own log; never bytes, user text or secrets (ER-02).</remarks>
public sealed class PeerFaultException : Exception
{
    /// <param name="code">What the peer is told.</param>
    /// <param name="rule">What our log says: a rule of SPEC, or the field of the grammar.</param>
    public PeerFaultException(WireCode code, string rule) : base($"{code.Name()} ({rule})")
    {
        Code = code;
        Rule = rule;
    }

    /// <param name="code">What the peer is told.</param>
    /// <param name="rule">What our log says.</param>
    /// <param name="inner">The failure of the layer below that this one reports.</param>
    public PeerFaultException(WireCode code, string rule, Exception inner) : base($"{code.Name()} ({rule})", inner)
    {
        Code = code;
        Rule = rule;
    }

    public WireCode Code { get; }

    /// <summary>The SPEC rule, or the field of the grammar, that was broken.</summary>
    public string Rule { get; }
}
