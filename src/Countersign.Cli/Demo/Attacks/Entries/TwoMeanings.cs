using System.Security.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>A27: one signed, encrypted message with two keys and two meanings. Alice is a real process.</summary>
internal sealed class TwoMeanings : Attack
{
    public override IReadOnlyList<string> Ids => ["A27"];
    public override string Did => "Mallory sends one signed message that opens under two keys: PAY 100 TO ALICE for alice, PAY 999 TO MALLO for a judge.";
    public override string Happened => "The cipher is fooled, alice is not: a message also signs which key is the right one. Her program showed a warning, no text.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Noticed("EntryUnreadable")];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var session = await world.Mallory.LogInAsync(cancellation);
        var talk = await world.MallorysTalkAsync(session);
        await talk.SubmitAsync(session, talk.Message("A true word first.").Bytes);
        await AttackWorld.ReadsAsync(world.Alice, "A true word first.", cancellation);
        var (other, own, header, made) = (RandomNumberGenerator.GetBytes(16), Array.Empty<byte>(), Array.Empty<byte>(), Array.Empty<byte>());
        var entry = talk.Message((key, aad) => made = TwoKeyCiphertext.Make(own = key, other, header = aad, "PAY 100 TO ALICE"u8, "PAY 999 TO MALLO"u8));
        foreach (var key in new[] { own, other })
            TwoKeyCiphertext.Open(key, header, made); // otherwise it would be no attack
        await talk.SubmitAsync(session, entry.Bytes);
        await world.Alice.WaitAsync("a warning", static l => ChildProgram.Is(l, "warning") && ChildProgram.Text(l, "warning") == "EntryUnreadable", cancellation);
        return [world.Alice.Lines.Any(static l => ChildProgram.Text(l, "text")?.StartsWith("PAY", StringComparison.Ordinal) == true)
            ? new Outcome.Succeeded("alice was shown one of the meanings") : new Outcome.Noticed("EntryUnreadable")];
    }
}
