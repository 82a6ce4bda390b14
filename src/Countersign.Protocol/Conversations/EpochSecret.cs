using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary>The secret of one epoch (SPEC section 9): 32 random bytes that only its members hold, and only until every
/// sender's chain has been started.</summary>
public sealed class EpochSecret : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private readonly Secret _secret;

    private EpochSecret(Secret owned) => (_secret, Commitment) = (owned, Hash32.Labelled(Label.EpochCommitment, owned.Span));

    /// <summary>H("epoch commitment", epoch secret): what the epoch entry signs.</summary>
    public Hash32 Commitment { get; }

    public static EpochSecret Generate() => new(Secret.Random(Size));

    /// <summary>Seals a copy to each member's prekey.</summary>
    public IReadOnlyList<SealedCopy> SealTo(MemberPrekeys members, ConversationId conversation) =>
        [.. members.List.Select(prekey => SealTo(prekey, conversation))];

    /// <summary>Opens the copy that an epoch entry holds for one device, and checks the commitment (CK-06).</summary>
    /// <param name="conversation">The entry's conversation.</param>
    /// <param name="body">Of the epoch entry.</param>
    /// <param name="device">This device.</param>
    /// <param name="prekey">The private half of the prekey that <see cref="CopyFor"/> names.</param>
    /// <exception cref="EpochUnreadableException">No copy, it does not open, or it contradicts the commitment.</exception>
    public static EpochSecret Open(ConversationId conversation, EpochBody body, DeviceId device, EcPrivateKey prekey)
    {
        var copy = CopyFor(body, device);
        EpochSecret secret;
        try
        {
            secret = new EpochSecret(Hpke.Open(prekey, copy.Sealed, Info(conversation, device, copy.Prekey), []));
        }
        catch (BadCiphertextException e)
        {
            throw new EpochUnreadableException(EpochFault.DoesNotOpen, e);
        }
        if (secret.Commitment == body.Commitment) // CK-06
            return secret;
        secret.Dispose();
        throw new EpochUnreadableException(EpochFault.OtherSecret);
    }

    /// <summary>The copy for one device; its <see cref="SealedCopy.Prekey"/> says which private half opens it.</summary>
    /// <exception cref="EpochUnreadableException">There is none.</exception>
    public static SealedCopy CopyFor(EpochBody body, DeviceId device) =>
        body.Copies.FirstOrDefault(copy => copy.Device == device) ?? throw new EpochUnreadableException(EpochFault.NoCopy);

    /// <summary>Starts a sender's chain.</summary>
    /// <param name="epoch">Entry hash of the epoch entry.</param>
    /// <param name="sender">A member of that epoch.</param>
    public SenderChain StartChain(EntryHash epoch, DeviceId sender) =>
        SenderChain.Own(KeySchedule.Derive(_secret, Label.SenderChain, [.. epoch.Value.Span, .. sender.Value.Span], SenderChain.Size), 0);

    public void Dispose() => _secret.Dispose();

    /// <summary>Says nothing about the contents.</summary>
    public override string ToString() => nameof(EpochSecret);

    private SealedCopy SealTo(VerifiedPrekey recipient, ConversationId conversation)
    {
        var prekey = recipient.Prekey;
        var info = Info(conversation, prekey.Device, prekey.Id);
        return new SealedCopy(prekey.Device, prekey.Id, Hpke.Seal(prekey.Point, info, [], _secret.Span));
    }

    // info = label ‖ 0x00 ‖ conversation ‖ device ‖ prekey id: a copy moved to another place does not open
    private static byte[] Info(ConversationId conversation, DeviceId device, PrekeyId prekey) =>
        [.. Label.EpochSeal.Text(), 0, .. conversation.Value.Span, .. device.Value.Span, .. prekey.Value.Span];
}
