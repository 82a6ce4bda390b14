namespace Countersign.Evidence;

/// <summary>Why a message entry cannot be read (CK-02): its author's fault. It is shown as unreadable and marks the conversation.</summary>
public enum MessageFault
{
    /// <summary>The signed commitment is another key's.</summary>
    OtherKey,
    /// <summary>AES-GCM refuses: changed bytes, or another header.</summary>
    DoesNotOpen,
    /// <summary>Padding (CK-03) or content is not this grammar.</summary>
    BadContent,
}

/// <summary>A message entry breaks CK-02 or CK-03.</summary>
public sealed class MessageUnreadableException : Exception
{
    internal MessageUnreadableException(MessageFault fault, Exception? inner = null) : base($"{fault} (CK-02)", inner) => Fault = fault;

    public MessageFault Fault { get; }
}
