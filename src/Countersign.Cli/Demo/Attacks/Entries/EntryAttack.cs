using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Attacks on signed entries of carol's, in a conversation of hers with mallory. The attacker has broken into carol's open
/// session and hands in there what he likes; carol's signing key he has not.</summary>
internal abstract class EntryAttack : Attack
{
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.SigFail)];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation) =>
        await RunAsync(world, await world.CarolsTalkAsync(cancellation), cancellation);

    protected abstract Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation);

    /// <summary>Hands an entry in on somebody's session.</summary>
    protected static Task<Outcome> TryAsync(Insider who, ReadOnlyMemory<byte> entry, CancellationToken cancellation) => Tries.OfAsync("accepted", async () =>
    {
        using var session = await who.LogInAsync(cancellation);
        await session.SubmitAsync(entry);
    });

    /// <summary>The genuine entry is as good as before.</summary>
    protected static async Task AcceptedAsync(RawConversation talk, Entry entry, CancellationToken cancellation)
    {
        using var session = await talk.Author.LogInAsync(cancellation);
        await talk.SubmitAsync(session, entry.Bytes);
    }
}

/// <summary>A7: numbers of the signed header moved into one another.</summary>
internal sealed class MovedDigits : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A7"];
    public override string Did => "In a signed message of carol's, a digit is moved from its time to its number, so that the same digits stand there.";
    public override string Happened => "What is signed has lengths and types, not digits in a row: the signature is broken (SIG_FAIL).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        var genuine = talk.Message("Thirteen of these, please.");
        var moved = EntrySurgery.WithHeader(genuine, static (label, number) =>
            label == EntrySurgery.SeqLabel ? number * 10 : label == EntrySurgery.TimeLabel ? number / 10 : number);
        var outcome = await TryAsync(world.Carol, moved, cancellation);
        await AcceptedAsync(talk, genuine, cancellation);
        return [outcome];
    }
}

/// <summary>A12: a message rewritten under its encryption.</summary>
internal sealed class EditedCiphertext : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A12"];
    public override string Did => "Somebody knows that carol wrote PAY 100, and flips the bits of the encrypted message that make it PAY 999.";
    public override string Happened => "Carol signed the encrypted bytes, too: the signature is broken (SIG_FAIL), and what she wrote stands.";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        // Array, version and the text's head stand before the text.
        const int Text = 3, Digits = Text + 4;
        var genuine = talk.Message("PAY 100 TO ALICE");
        var edited = EntrySurgery.WithPayload(genuine, static payload =>
        {
            payload[Digits] ^= '1' ^ '9';
            payload[Digits + 1] ^= '0' ^ '9';
            payload[Digits + 2] ^= '0' ^ '9';
        });
        var outcome = await TryAsync(world.Carol, edited, cancellation);
        await AcceptedAsync(talk, genuine, cancellation);
        return [outcome];
    }
}

/// <summary>A8, A17: carol's words in mallory's mouth, and mallory's in carol's.</summary>
internal sealed class BorrowedName : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A8", "A17"];
    public override string Did => "Mallory hands in carol's signed message as her own link's, and a message of her own under carol's name.";
    public override string Happened => "A link submits for its own device alone, and a name counts only with its key (SIG_FAIL, both).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        var genuine = talk.Message("For this place only.");
        var underHerName = new EntryAuthor(world.Mallory.Key, world.Carol.Device).Close(talk.Place(talk.NextSeq), world.Now);
        var outcomes = new[]
        {
            await TryAsync(world.Mallory, genuine.Bytes, cancellation),
            await TryAsync(world.Carol, underHerName.Bytes, cancellation),
        };
        await AcceptedAsync(talk, genuine, cancellation);
        return outcomes;
    }
}

/// <summary>A10: a number far ahead, to make every later message look old.</summary>
internal sealed class HugeNumber : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A10"];
    public override string Did => "A message with number 1,099,511,627,776 is handed in under carol's name, so that all her later ones look like replays.";
    public override string Happened => "Its signature is not carol's (SIG_FAIL), nothing was counted, and her next message went through.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.SigFail), new Outcome.NoEffect()];

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        var huge = new EntryAuthor(world.Mallory.Key, world.Carol.Device).Close(talk.Place(1UL << 40), world.Now);
        var outcome = await TryAsync(world.Carol, huge.Bytes, cancellation);
        await AcceptedAsync(talk, talk.Message("Still here."), cancellation);
        return [outcome, new Outcome.NoEffect()];
    }
}

/// <summary>A11: a signature given for one thing, shown for another.</summary>
internal sealed class OtherPurpose : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A11"];
    public override string Did => "Carol's key signs the very bytes of a message, but as a receipt; the signature is presented as a message's.";
    public override string Happened => "Every signature says what it is for, and this one does not say “message” (SIG_FAIL).";

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        var genuine = talk.Message("I owe mallory nothing.");
        var outcome = await TryAsync(world.Carol, EntrySurgery.SignedAs(genuine, world.Carol.Key, Label.Receipt), cancellation);
        await AcceptedAsync(talk, genuine, cancellation);
        return [outcome];
    }
}

/// <summary>A6: a genuine, signed message handed in again.</summary>
internal sealed class RepeatedEntry : EntryAttack
{
    public override IReadOnlyList<string> Ids => ["A6"];
    public override string Did => "Carol's signed message “once” is handed in three times more.";
    public override string Happened => "Each time the server names the place it has already; it stands in the record once.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.NoEffect()];

    protected override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, RawConversation talk, CancellationToken cancellation)
    {
        using var session = await world.Carol.LogInAsync(cancellation);
        var once = talk.Message("once");
        var place = await talk.SubmitAsync(session, once.Bytes);
        var size = talk.Size;
        var outcomes = new List<Outcome>();
        for (var i = 0; i < 3; i++)
            outcomes.Add(await talk.SubmitAsync(session, once.Bytes) == place && talk.Size == size ? new Outcome.NoEffect() : new Outcome.Succeeded("it stands there twice"));
        return outcomes;
    }
}
