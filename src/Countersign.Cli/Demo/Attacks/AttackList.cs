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
            new CutWire(), new HostileExchange(), new Noise(), new KilledServer(),
        ]),
        new("Signed messages", Nothing, [new MovedDigits(), new EditedCiphertext(), new BorrowedName(), new HugeNumber(), new OtherPurpose(), new RepeatedEntry(), new TwoMeanings()]),
        new("The server's operator", AgainAsync, [new WithheldReceipts(), new SwappedPrekey(), new ForkedHistory()]),
        new("What was said, as evidence", ExportAsync,
        [
            new LeftOut(), new Rearranged(), new SignedAnew(), new DatedBack(), new InventedMember(), new EditedReceipt(), new ExchangedAuthor(), new OtherKey(), new MintedIdentity(), new HostileNames(),
        ]),
        new("Readers and thieves", Nothing, [new EscapeSequences(), new RecordedTraffic(), new StolenDisks()]),
    ];

    // The conversations that the operator attacks are not the one that becomes evidence.
    private static async Task AgainAsync(AttackWorld world, CancellationToken cancellation)
    {
        await DemoPrograms.CommandAsync(world.Alice, "/dm bob", cancellation);
        await DemoPrograms.CommandAsync(world.Bob, "/dm alice", cancellation);
        await AttackWorld.SayAsync(world.Alice, world.Bob, "What shall we do with the shares?", cancellation);
        await AttackWorld.SayAsync(world.Bob, world.Alice, "I shall tell you tonight.", cancellation);
    }

    private static Task ExportAsync(AttackWorld world, CancellationToken cancellation) => world.ExportAsync(cancellation);

    private static Task Nothing(AttackWorld world, CancellationToken cancellation) => Task.CompletedTask;

    private static async Task TalkAsync(AttackWorld world, CancellationToken cancellation)
    {
        using var invitation = await world.InviteAsync(Cryptography.UserName.Parse("bob"), world.BobsWire.Endpoint);
        await ManInTheMiddle.JoinAsync(world, "bob", invitation.ToWord(), cancellation);
        await world.TalkAsync(cancellation);
    }
}
