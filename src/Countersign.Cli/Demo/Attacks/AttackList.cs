namespace Countersign.Cli;

/// <param name="Title">For people.</param>
/// <param name="Prepare">Makes what the attacks need.</param>
/// <param name="Attacks">In their order: each leaves the world fit for the next.</param>
internal sealed record AttackChapter(string Title, Func<AttackWorld, CancellationToken, Task> Prepare, IReadOnlyList<Attack> Attacks);

/// <summary>All attacks of the demonstration, in order.</summary>
internal static class AttackList
{
    public static IReadOnlyList<AttackChapter> All { get; } =
    [
        new("False names", Nothing, [new StolenCertificate(), new ForgedAuthority(), new WrongPurpose(), new ManInTheMiddle(), new InvitationAttacks()]),
        new("Accounts and passwords", Nothing, [new UserEnumeration(), new ChangedRegistration(), new StolenUserTable(), new Guessing()]),
        new("The wire", TalkAsync,
        [
            new ChangedRecords(), new ReplayedRecords(), new TransplantedRecords(), new ReflectedRecord(), new DroppedRecords(), new Segments(),
            new CutWire(), new HostileExchange(), new Noise(),
        ]),
        new("Signed messages", Nothing, [new MovedDigits(), new EditedCiphertext(), new BorrowedName(), new HugeNumber(), new OtherPurpose(), new RepeatedEntry(), new TwoMeanings()]),
    ];

    private static Task Nothing(AttackWorld world, CancellationToken cancellation) => Task.CompletedTask;

    private static async Task TalkAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var invitation = await world.InviteAsync(Cryptography.UserName.Parse("bob"), world.BobsWire.Endpoint);
        await ManInTheMiddle.JoinAsync(world, "bob", invitation.ToWord(), cancellation);
        await world.TalkAsync(cancellation);
    }
}
