namespace Countersign.Protocol;

/// <summary>Why an epoch entry gives this device no secret (CK-06): its author's fault. It marks the conversation.</summary>
public enum EpochFault
{
    /// <summary>No copy for this device.</summary>
    NoCopy,
    /// <summary>The copy does not open: sealed for another key, device, conversation or prekey, or changed.</summary>
    DoesNotOpen,
    /// <summary>The copy opens to something the commitment contradicts.</summary>
    OtherSecret,
}

/// <summary>An epoch entry breaks CK-06 for this device.</summary>
public sealed class EpochUnreadableException : Exception
{
    internal EpochUnreadableException(EpochFault fault, Exception? inner = null) : base($"{fault} (CK-06)", inner) => Fault = fault;

    public EpochFault Fault { get; }
}
