namespace Countersign.Evidence;

/// <summary>Why a signed head is refused (RC-01, RC-02): the server's fault, or that of whoever passed it on.</summary>
public enum HeadFault
{
    /// <summary>Not this grammar. BAD_MESSAGE.</summary>
    Malformed,
    /// <summary>x5t names another server certificate than the one given. BAD_CERT.</summary>
    OtherSigner,
    /// <summary>The batch's signature does not verify. SIG_FAIL.</summary>
    BadSignature,
    /// <summary>The path does not lead from the head to the batch's root. SIG_FAIL.</summary>
    NotInBatch,
}

/// <summary>A signed head breaks RC-01 or RC-02.</summary>
public sealed class HeadRefusedException : Exception
{
    internal HeadRefusedException(HeadFault fault, string rule, Exception? inner = null) : base($"{fault} ({rule})", inner) =>
        Fault = fault;

    public HeadFault Fault { get; }
}
