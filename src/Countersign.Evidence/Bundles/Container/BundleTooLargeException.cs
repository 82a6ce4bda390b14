namespace Countersign.Evidence;

/// <summary>What is to be exported does not fit a bundle (BU-07): a shorter range, or the compact form, does.</summary>
public sealed class BundleTooLargeException : Exception
{
    internal BundleTooLargeException(BundleMember member) : base($"{member.FileName()} is too large for a bundle (BU-07)") => Member = member;

    public BundleMember Member { get; }
}
