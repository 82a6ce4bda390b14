namespace Countersign.Evidence;

/// <summary>What each reason means, for people: one sentence after the place it is about.</summary>
internal static class ReasonText
{
    public static string Of(Reason reason) => reason switch
    {
        Reason.MalformedBundle => "this is not a bundle, or its frame is damaged; nothing in it was judged",
        Reason.Damaged => "a part of the bundle is not what the manifest says, breaks its own form, or holds what does not belong there",
        Reason.Edited => "these bytes are not what the named author signed",
        Reason.Dropped => "something that was here is missing",
        Reason.Reordered => "entries do not stand in the order in which they were made",
        Reason.Replayed => "an entry stands here again, or one too many",
        Reason.Transplanted => "this belongs to another conversation",
        Reason.Forked => "the signer also signed, or was shown, another history of this conversation",
        Reason.Truncated => "the end is missing: something was signed over more than is here",
        Reason.Postdated => "the stated time lies after the time at which it was already there",
        Reason.Backdated => "the server dated a larger head before a smaller one",
        Reason.WrongKey => "it was signed by somebody else than the named author",
        Reason.WrongPerson => "the certificate names another person than the member list",
        Reason.NotMember => "its author was no member here",
        Reason.RuleBroken => "it breaks a rule of the conversation that an honest server would have kept",
        Reason.KeyCommitment => "a disclosed key is not the one the author committed to",
        Reason.CertificateRefused => "a certificate does not lead to the root, or is not of the allowed form",
        Reason.CertificateNotValidThen => "the certificate of its signer, or of a device it names, was not valid at that time",
        Reason.RevokedBefore => "the certificate of its signer, or of a device it names, had been revoked before",
        Reason.HeadRefused => "a head is not signed by the conversation's server",
        Reason.ReceiptRefused => "a receipt is not signed by the member it names",
        Reason.StampRefused => "a time stamp is not one of an authority under the root for these bytes",
        Reason.MisconductProved => "somebody signed two things that contradict each other",
        Reason.OtherRoot => "the bundle was made under another root than the one you named: it is not of that organisation, or what you named is not its root",
        Reason.NoRoot => "no root was named; the bundle's own proves nothing about persons",
        Reason.NoCertificate => "a certificate is not in the bundle: a signer's, that of the CA above it, or the root's",
        Reason.NoRevocationData => "no revocation list in the bundle reaches the time of the signature",
        Reason.NoSignedHead => "no signature of the server covers it",
        Reason.NoFinalReceipt => "this member has not acknowledged the whole (a final receipt, once the conversation is closed)",
        Reason.NoTrustedTime => "no time stamp covers it: its time is the word of the server and of its author",
        Reason.SuspectSince => "it was signed when the key was, or may have been, in other hands already",
        Reason.TimeUncertain => "whether it was signed while the certificate was valid cannot be told",
        Reason.ClockContradicted => "the time its author states is wrong, by a slow clock or otherwise: it lies before what the author had on screen; go by the heads",
        Reason.Unreadable => "its author's own key does not open it",
        Reason.EntriesWithheld => "compact form: what the hashes hide is counted and in place, but whose it is and that it was allowed could not be checked",
        Reason.MembershipNotShown => "the entries shown do not say that its author is a member",
        Reason.NotJudged => "it comes after an entry that is not in its place",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
