namespace Countersign.Evidence;

/// <summary>What the verifier says, from the best to the worst.</summary>
public enum Verdict
{
    /// <summary>Proved, under the root the auditor named.</summary>
    Passed,

    /// <summary>Neither proved nor refuted: something an honest proof needs is not there.</summary>
    Indeterminate,

    /// <summary>Refuted: something is not what it claims to be.</summary>
    Failed,
}

public static class Verdicts
{
    /// <summary>What a program that verifies ends with: nothing less than proof ends with 0 (SPEC section 15).</summary>
    public static int ExitCode(this Verdict verdict) => verdict switch
    {
        Verdict.Passed => 0,
        Verdict.Failed => 3,
        _ => 4,
    };
}
