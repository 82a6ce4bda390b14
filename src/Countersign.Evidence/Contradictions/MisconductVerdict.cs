using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>What a misconduct file is worth by itself (BU-21): PASSED, its contradiction is proved; FAILED, it proves nothing under the
/// named root; INDETERMINATE, no root was named.</summary>
public sealed class MisconductVerdict
{
    private MisconductVerdict(Verdict verdict, Misconduct? proof, TrustAnchor? root) => (Verdict, Proof, Root) = (verdict, proof, root?.Fingerprint);

    public Verdict Verdict { get; }

    /// <summary>Who signed what; null unless PASSED.</summary>
    public Misconduct? Proof { get; }

    /// <summary>SHA-256 of the root that was named; null without one.</summary>
    public Hash32? Root { get; }

    /// <param name="file">Read to its end; stays the caller's.</param>
    /// <param name="root">The root that the auditor named, or null.</param>
    /// <returns>A verdict, whatever the bytes are.</returns>
    public static MisconductVerdict Judge(Stream file, TrustAnchor? root)
    {
        if (root is null)
            return new MisconductVerdict(Verdict.Indeterminate, null, null);
        var proof = Parse(file)?.Judge(root);
        return new MisconductVerdict(proof is null ? Verdict.Failed : Verdict.Passed, proof, root);
    }

    private static MisconductFile? Parse(Stream file)
    {
        if (file.Length > BundleMember.Misconduct.MaxBytes())
            return null;
        var bytes = new byte[file.Length - file.Position];
        file.ReadExactly(bytes);
        try
        {
            return MisconductFile.Parse(bytes);
        }
        catch (MalformedException)
        {
            return null;
        }
    }
}
