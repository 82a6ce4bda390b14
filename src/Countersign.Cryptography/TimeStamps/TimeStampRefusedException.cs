namespace Countersign.Cryptography;

/// <summary>Why a time-stamp token or response is refused: the closed list for the rules TS of SPEC section 8.</summary>
public enum TimeStampFault
{
    /// <summary>TS-01: not DER, not a token of RFC 3161, or one of a form that is not allowed.</summary>
    Malformed,
    /// <summary>TS-02: it stamps other bytes, or states their hash by another algorithm than SHA-256.</summary>
    Imprint,
    /// <summary>TS-03: a signature algorithm that is not allowed.</summary>
    Algorithm,
    /// <summary>TS-03: the token lacks its signer's certificate, or names another as its own.</summary>
    Signer,
    /// <summary>TS-03: the signature does not verify.</summary>
    Signature,
    /// <summary>TS-04, TS-05: the authority's certificate is refused; the inner exception says why.</summary>
    Certificate,
    /// <summary>TS-07: by its own word it may be off by more than a stamp can be that is to prove a time.</summary>
    Accuracy,

    /// <summary>TS-06: the authority did not grant the request.</summary>
    Rejected,
    /// <summary>TS-06: the response answers another request.</summary>
    OtherRequest,
}

/// <summary>A time-stamp token or response breaks a rule TS of SPEC section 8: the only exception hostile ones cause.</summary>
/// <remarks>The message names fault and rule, nothing of the token: it may be logged.</remarks>
public sealed class TimeStampRefusedException : Exception
{
    internal TimeStampRefusedException(TimeStampFault fault, Exception? inner = null) : base($"{fault} ({fault.Rule()})", inner) =>
        Fault = fault;

    public TimeStampFault Fault { get; }
}

public static class TimeStampFaults
{
    /// <summary>The SPEC rule that is broken: TS-01 to TS-04, TS-06 or TS-07.</summary>
    public static string Rule(this TimeStampFault fault) => fault switch
    {
        TimeStampFault.Malformed => "TS-01",
        TimeStampFault.Imprint => "TS-02",
        TimeStampFault.Algorithm or TimeStampFault.Signer or TimeStampFault.Signature => "TS-03",
        TimeStampFault.Certificate => "TS-04",
        TimeStampFault.Accuracy => "TS-07",
        TimeStampFault.Rejected or TimeStampFault.OtherRequest => "TS-06",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
