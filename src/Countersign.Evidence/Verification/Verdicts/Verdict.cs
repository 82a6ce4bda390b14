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
