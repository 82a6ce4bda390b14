namespace Countersign.Evidence;

/// <summary>README.txt: the same in every bundle, for whoever opens the ZIP without knowing what it is (BU-02).</summary>
internal static class BundleReadme
{
    private static ReadOnlySpan<byte> Now => "Believe no page\nabout it that came from others: whoever has both makes one with --html."u8;
    private static ReadOnlySpan<byte> Before => "Do not believe\nreport.html before you have done this: anybody could have written it."u8;

    /// <summary>The text, or the one of bundles that were made before it warned of every page, and not of a member that they once had.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.SequenceEqual(Text) || bytes.SequenceEqual(Former);

    private static byte[] Former
    {
        get
        {
            var at = Text.IndexOf(Now);
            return [.. Text[..at], .. Before, .. Text[(at + Now.Length)..]];
        }
    }

    public static ReadOnlySpan<byte> Text =>
        """
        This is a Countersign evidence bundle: the record of one conversation,
        signed by the people who took part, by their server, and acknowledged
        by those who received it.

        To check it you need this file, the root certificate of the organisation
        (or its SHA-256 fingerprint, obtained from somebody you trust) and no
        network:

            countersign-audit BUNDLE.zip --root ROOT.pem

        It answers PASSED, FAILED or INDETERMINATE, with reasons. Believe no page
        about it that came from others: whoever has both makes one with --html.

            entries.cbor      what was said, each entry signed by its author
            heads.cbor        the server's signatures over the whole
            receipts.cbor     the members' signatures over what they received
            stamps.cbor       trusted time (RFC 3161), if there is any
            keys.cbor         the keys of the messages that are disclosed to you
            certificates.pem  who the signers are
            crls.pem          which certificates were revoked
            manifest.cbor     what belongs to this bundle

        Messages without a key in keys.cbor are withheld from you: they are there,
        counted, in their place and signed, but you cannot read them.
        How one entry is checked by hand, with OpenSSL alone: countersign-audit
        BUNDLE.zip --root ROOT.pem --explain N

        """u8;
}
