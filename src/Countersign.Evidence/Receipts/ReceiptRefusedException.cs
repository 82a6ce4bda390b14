namespace Countersign.Evidence;

/// <summary>Why a receipt is refused (RC-05). The wire code of each stands beside it.</summary>
public enum ReceiptFault
{
    /// <summary>Not this grammar. BAD_MESSAGE.</summary>
    Malformed,
    /// <summary>The device is not, and never was, a member, or the conversation is another one. NOT_MEMBER.</summary>
    NotMember,
    /// <summary>The signature does not verify. SIG_FAIL.</summary>
    BadSignature,
    /// <summary>Size above the transcript's, or another root at that size. BAD_MESSAGE.</summary>
    WrongHead,
}

/// <summary>A receipt breaks RC-05: its author's fault, or that of whoever passed it on.</summary>
public sealed class ReceiptRefusedException : Exception
{
    internal ReceiptRefusedException(ReceiptFault fault, Exception? inner = null) : base($"{fault} (RC-05)", inner) => Fault = fault;

    public ReceiptFault Fault { get; }
}
