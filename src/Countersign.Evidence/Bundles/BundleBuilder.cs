using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>Writes bundles (SPEC section 14). The same contents give the same bytes (BU-08), whatever order they came in.</summary>
/// <remarks>It checks nothing that the verifier checks: whoever exports verifies the result.</remarks>
public static class BundleBuilder
{
    /// <param name="contents">What to export.</param>
    /// <param name="output">Written from its present position; need not be seekable; stays the caller's.</param>
    /// <returns>What the bundle says it holds.</returns>
    /// <exception cref="ArgumentException">Keys for positions that hold no message, or a head of another conversation.</exception>
    /// <exception cref="BundleTooLargeException">Over BU-07.</exception>
    public static BundleManifest Write(BundleContents contents, Stream output)
    {
        if (contents.Heads.Concat(contents.Stamps.Select(static s => s.SignedHead)).Any(head => head.Head.Conversation != contents.Conversation))
            throw new ArgumentException("A head of another conversation.", nameof(contents));
        var entries = new TranscriptWriter(contents);
        var parts = new List<BundlePart>
        {
            BundlePart.Of(BundleMember.Readme, BundleReadme.Text.ToArray()),
            BundlePart.Of(BundleMember.Entries, entries.Write),
            BundlePart.Of(BundleMember.Heads, BundleLists.Write(contents.Heads)),
            BundlePart.Of(BundleMember.Receipts, BundleLists.Write(contents.Receipts)),
            BundlePart.Of(BundleMember.Keys, stream => WriteKeys(contents.Keys, stream)),
            BundlePart.Of(BundleMember.Certificates, PemList.Write(contents.Certificates)),
            BundlePart.Of(BundleMember.RevocationLists, PemList.Write(contents.RevocationLists)),
            BundlePart.Of(BundleMember.Stamps, BundleLists.Write(contents.Stamps)),
        };
        if (contents.Misconduct.Count > 0)
            parts.Add(BundlePart.Of(BundleMember.Misconduct, BundleLists.Write(contents.Misconduct)));
        var manifest = new BundleManifest(contents.Conversation, entries.Size, entries.Shown, (ulong)contents.Keys.Count,
            [.. parts.Select(static part => (part.Described.Member, part.Hash))]);
        parts.Insert(1, BundlePart.Of(BundleMember.Manifest, CborOutput.Encode(manifest.Write)));
        ContainerWriter.Write(parts, output);
        return manifest;
    }

    // BU-05: ascending by position
    private static void WriteKeys(IReadOnlyDictionary<ulong, MessageKey> keys, Stream stream)
    {
        foreach (var (position, key) in keys.OrderBy(static pair => pair.Key))
        {
            using var secret = key.Export();
            stream.Write(CborOutput.Encode(new MessageKeyItem(position, secret.Span.ToArray()).Write));
        }
    }
}
