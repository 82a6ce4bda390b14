using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>A member to be written, measured before: the container and the manifest say what it is before it comes.</summary>
/// <param name="Described">What the container says of it.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
/// <param name="Write">Writes the same bytes each time.</param>
internal sealed record BundlePart(ZipMember Described, Hash32 Hash, Action<Stream> Write)
{
    /// <exception cref="BundleTooLargeException">Over BU-07.</exception>
    public static BundlePart Of(BundleMember member, Action<Stream> write)
    {
        using var measuring = new MeasuringStream(null);
        write(measuring);
        return new BundlePart(measuring.Describe(member), measuring.Hash(), write);
    }

    public static BundlePart Of(BundleMember member, ReadOnlyMemory<byte> bytes) => Of(member, output => output.Write(bytes.Span));
}

/// <summary>Writes the container (BU-01, BU-08). Each member's bytes are made twice, to be measured and to be written, so that
/// the output need not be seekable and no member has to be held.</summary>
internal static class ContainerWriter
{
    /// <param name="parts">In the order of BU-02.</param>
    /// <param name="output">Stays the caller's.</param>
    public static void Write(IReadOnlyList<BundlePart> parts, Stream output)
    {
        if (parts.Sum(static part => (long)part.Described.Length) > MaxTotal)
            throw new BundleTooLargeException(BundleMember.Entries);
        foreach (var part in parts)
        {
            output.Write(ZipLayout.LocalHeader(part.Described));
            using var measuring = new MeasuringStream(output);
            part.Write(measuring);
            if (measuring.Describe(part.Described.Member) != part.Described)
                throw new InvalidOperationException($"{part.Described.Member.FileName()} was not the same twice.");
        }
        output.Write(ZipLayout.Directory([.. parts.Select(static part => part.Described)]));
    }

    // Without zip64 an offset has 32 bits; the headers take less than a page.
    private const long MaxTotal = uint.MaxValue - 4096;
}
