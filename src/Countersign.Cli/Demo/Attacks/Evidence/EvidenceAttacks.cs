using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>Forgeries of the exported conversation of alice and bob.</summary>
internal abstract class EvidenceAttack : Attack
{
    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation) =>
        await Task.WhenAll(Forgeries.Select(forgery =>
        {
            var file = EvidenceFile.Open(world.Bundle);
            forgery.Change(file, world);
            return file.JudgeAsync(world, forgery.Reason, cancellation);
        }));

    public override IReadOnlyCollection<Outcome> Expected => [.. Forgeries.Select(static forgery => new Outcome.Noticed(forgery.Reason.Code()))];

    protected abstract IReadOnlyList<Forgery> Forgeries { get; }

    /// <summary>The same bytes with one hash in another's place.</summary>
    protected static byte[] Exchanged(ReadOnlySpan<byte> bytes, Hash32 from, Hash32 to)
    {
        var copy = bytes.ToArray();
        var at = copy.AsSpan().IndexOf(from.Span);
        if (at < 0)
            throw new DemoException("there is nothing to exchange");
        to.Span.CopyTo(copy.AsSpan(at));
        return copy;
    }
}

/// <summary>A change of a true file.</summary>
/// <param name="Reason">What the auditor has to find.</param>
/// <param name="Change">Made by somebody with what the world's attackers have.</param>
internal sealed record Forgery(Reason Reason, Action<EvidenceFile, AttackWorld> Change);

/// <summary>A14: something left out.</summary>
internal sealed class LeftOut : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A14"];
    public override string Did => "A party hands an auditor the conversation without one message in the middle, and another copy without its end.";
    public override string Happened => "FAILED, both, and the auditor is told where: DROPPED, and TRUNCATED.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.Dropped, static (f, _) =>
        {
            f.Entries.RemoveAt(f.Messages[0]);
            f.Keys.Clear();
        }),
        new(Reason.Truncated, static (f, _) =>
        {
            f.Entries.RemoveAt(f.Entries.Count - 1);
            f.Keys.Clear();
        }),
    ];
}

/// <summary>A15: another order, and one message twice.</summary>
internal sealed class Rearranged : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A15"];
    public override string Did => "Question and answer change places in the file; in another copy the answer stands there twice.";
    public override string Happened => "FAILED, both: REORDERED, and REPLAYED. Each message signs what its author had before his eyes.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.Reordered, static (f, _) =>
        {
            var (question, answer) = (f.Messages[0], f.Messages[1]);
            (f.Entries[question], f.Entries[answer]) = (f.Entries[answer], f.Entries[question]);
            f.Keys.Clear();
        }),
        new(Reason.Replayed, static (f, _) =>
        {
            f.Entries.Insert(f.Messages[1], f.Entries[f.Messages[1]]);
            f.Keys.Clear();
        }),
    ];
}

/// <summary>A15: the operator himself takes a message out, and signs the rest anew with the server's true key.</summary>
internal sealed class SignedAnew : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A15", "A28"];
    public override string Did => "The operator takes the answer out, throws all receipts away, and signs what is left anew with the server's genuine key.";
    public override string Happened => "FAILED (REORDERED): what comes after it was signed over the true record, by people whose keys he has not, and fits no other.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.Reordered, static (f, world) =>
        {
            using var key = StolenKeys.Server(world);
            f.Entries.RemoveAt(f.Messages[1]);
            f.Keys.Clear();
            f.Receipts.Clear();
            f.Resign(key, world.Now);
        }),
    ];
}

/// <summary>A28: the operator dates the end back.</summary>
internal sealed class DatedBack : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A28"];
    public override string Did => "The operator signs the end of the conversation with the server's genuine key and a time an hour before its middle.";
    public override string Happened => "FAILED (BACKDATED): a larger record cannot be older than a smaller one that stands under the same key.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.Backdated, static (f, world) =>
        {
            using var key = StolenKeys.Server(world);
            f.Resign(key, world.Now - TimeSpan.FromHours(1));
            f.SignAsWell(key, f.Entries.Count - 1, world.Now);
        }),
    ];
}

/// <summary>A28: the operator makes a friend of his a member, in alice's name.</summary>
internal sealed class InventedMember : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A28", "EN-06"];
    public override string Did => "The operator writes in alice's name that mallory is a member, without alice's key, and signs the whole anew as the server.";
    public override string Happened => "FAILED (WRONG_KEY): who is a member is said by members, with their own keys; the server only puts it in order.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.WrongKey, static (f, world) =>
        {
            using var key = StolenKeys.Server(world);
            f.Entries.RemoveAt(f.Entries.Count - 1); // nothing may follow the close
            var alice = Entry.Parse(f.Entries[0]).Author;
            var last = f.Entries.Select(static bytes => Entry.Parse(bytes)).Last(entry => entry.Author == alice);
            var place = new AuthorPlace(f.Conversation, last.Seq + 1, f.Tree);
            var member = new Member(world.Mallory.User, world.Mallory.Device);
            f.Certificates.Add(world.Mallory.Chain.Leaf);
            f.Entries.Add(new EntryAuthor(key, alice).Members(place, world.Now, [member], []).Bytes);
            f.Receipts.Clear();
            f.Keys.Clear();
            f.Resign(key, world.Now);
        }),
    ];
}

/// <summary>A16: a receipt that says another has received it.</summary>
internal sealed class EditedReceipt : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A16"];
    public override string Did => "In a receipt, alice's name is replaced by bob's: now bob seems to have confirmed what he never saw.";
    public override string Happened => "FAILED (RECEIPT_REFUSED): who, what and when all stand under the signature.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.ReceiptRefused, static (f, _) =>
        {
            var devices = f.Receipts.Select(static r => r.Device).Distinct().ToList();
            var receipt = f.Receipts.First(r => r.Device == devices[0]);
            f.Receipts.Remove(receipt);
            f.Receipts.Add(Receipt.Parse(Exchanged(receipt.Bytes.Span, devices[0].Value, devices[1].Value)));
        }),
    ];
}

/// <summary>A17: one person's line under another's name.</summary>
internal sealed class ExchangedAuthor : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A17"];
    public override string Did => "In the file, bob's “Signed off at 14:05” is put under alice's name.";
    public override string Happened => "FAILED: it is not what is in the record (EDITED). Each person signs with a key of his own, and the entry names it.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.Edited, static (f, _) =>
        {
            var (alices, bobs) = (Author(f, 0), Author(f, 1));
            f.Entries[f.Messages[1]] = Exchanged(f.Entries[f.Messages[1]].Span, bobs, alices);
            f.Keys.Clear();
        }),
    ];

    private static Hash32 Author(EvidenceFile file, int message) => Entry.Parse(file.Entries[file.Messages[message]]).Author.Value;
}

/// <summary>A27: a message disclosed with another key than its own.</summary>
internal sealed class OtherKey : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A27"];
    public override string Did => "The auditor is given another key for a message, under which the same sealed bytes would read differently.";
    public override string Happened => "FAILED (KEY_COMMITMENT): the message signs which key opens it, and no other is even tried.";

    protected override IReadOnlyList<Forgery> Forgeries =>
        [new(Reason.KeyCommitment, static (f, _) => f.Keys[(ulong)f.Messages[1]] = f.Keys[(ulong)f.Messages[0]])];
}

/// <summary>A29: whoever runs the authority can make an “alice” of his own.</summary>
internal sealed class MintedIdentity : EvidenceAttack
{
    public override IReadOnlyList<string> Ids => ["A29"];
    public override string Did => "The operator, who runs the certificate authority, certifies a key of his own as alice, and writes a line in her name.";
    public override string Happened => "FAILED (NOT_MEMBER): the conversation names alice's certificate, not her name alone, and all members signed that.";

    protected override IReadOnlyList<Forgery> Forgeries =>
    [
        new(Reason.NotMember, static (f, world) =>
        {
            using var root = StolenKeys.OpenRoot(world);
            using var serverKey = StolenKeys.Server(world);
            using var own = SigningKey.Generate(2048);
            var minted = root.IssueDevice(UserName.Parse("alice"), CertificationRequest.Create(own));
            f.Certificates.Add(minted);
            var close = f.Entries.Count - 1; // nothing may follow it
            var before = f.Entries.Take(close).ToList();
            var seen = new TreeHead((ulong)before.Count, new MerkleTree(before.Select(static e => MerkleHash.Leaf(e.Span))).Root);
            var line = new EntryAuthor(own, new DeviceId(minted.Fingerprint)).Join(new AuthorPlace(f.Conversation, 1, seen), world.Now);
            f.Entries.RemoveRange(close, 1);
            f.Entries.Add(line.Bytes);
            f.Receipts.Clear();
            f.Keys.Clear();
            f.Resign(serverKey, world.Now);
        }),
    ];
}
