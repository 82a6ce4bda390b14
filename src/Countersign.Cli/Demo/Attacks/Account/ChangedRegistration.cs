using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>A13: what a newcomer registers is changed on the wire.</summary>
internal sealed class ChangedRegistration : Attack
{
    // hello, certificates, proof, finished, register
    private const int Register = 4;

    public override IReadOnlyList<string> Ids => ["A13"];
    public override string Did => "While dave opens his account, one bit of his registration is changed on the wire.";
    public override string Happened => "The server noticed, registered nothing, and hung up (DECRYPT_FAIL); dave's next try went through as he meant it.";
    public override IReadOnlyCollection<Outcome> Expected => [new Outcome.Refused(WireCode.DecryptFail), new Outcome.NoEffect()];

    public override async Task<IReadOnlyList<Outcome>> RunAsync(AttackWorld world, CancellationToken cancellation)
    {
        await using var wire = new Wire(world.Endpoint) { Edit = Wire.Only(fromClient: true, Register, f => [Wire.Flipped(f)]) };
        var changed = await Tries.OfAsync("registered", () => world.Dave.RegisterAsync(cancellation, wire.Endpoint));
        wire.Edit = Wire.Honest;
        await world.Dave.RegisterAsync(cancellation, wire.Endpoint);
        using var session = await world.Dave.LogInAsync(cancellation);
        return [changed, new Outcome.NoEffect()];
    }
}
