namespace Countersign.Evidence;

/// <summary>An inclusion or consistency proof does not lead to the given root, or has not the length its sizes ask for.</summary>
public sealed class ProofRefusedException : Exception
{
    internal ProofRefusedException(string what) : base(what) { }
}
