namespace Countersign.Fuzz;

/// <summary>The two state machines, from the hello to the end of an established link.</summary>
internal static class MachineTargets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        Machine("server-states", static deeds => ServerTrial.Of(deeds)),
        Machine("client-states", static deeds => ClientTrial.Of(deeds)),
    ];

    private static FuzzTarget Machine(string name, Func<Deeds, Trial> start) => new(name, bytes => Run(start, bytes), static e => e is RefusedException)
    {
        MaxLength = 4096,
        AllocatedAtMost = 8 * 1024 * 1024,
        AllocatedForEachByte = 4096,
    };

    private static byte[]? Run(Func<Deeds, Trial> start, byte[] bytes)
    {
        using var trial = start(new Deeds(bytes));
        trial.Run();
        return null;
    }
}
