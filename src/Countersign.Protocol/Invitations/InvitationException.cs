namespace Countersign.Protocol;

/// <summary>Why a pasted word is no invitation.</summary>
public enum InvitationFault
{
    /// <summary>Cut, mistyped or not bech32m at all (IN-05).</summary>
    Damaged,
    /// <summary>A sound bech32m word with another prefix than <c>csn</c>.</summary>
    OtherPrefix,
    /// <summary>A sound word of our prefix whose content is not the grammar of SPEC 10: from another version.</summary>
    OtherContent,
}

/// <summary>A word that is no invitation. Never quotes the word: it holds a secret.</summary>
public sealed class InvitationException : Exception
{
    public InvitationException(InvitationFault fault) : base("not an invitation: " + fault) => Fault = fault;

    public InvitationException(InvitationFault fault, Exception inner) : base("not an invitation: " + fault, inner) => Fault = fault;

    public InvitationFault Fault { get; }
}
