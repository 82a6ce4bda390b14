namespace Countersign.Load;

/// <summary>The child's side of the conversation over stdin and stdout: one word a line, one line of answer.</summary>
internal static class Role
{
    public static async Task ServeAsync(string ready)
    {
        await Console.Out.WriteLineAsync(ready);
        while (await Console.In.ReadLineAsync() is { } word and not "quit")
        {
            if (word == "collect")
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            await Console.Out.WriteLineAsync(Counters.Here().Line());
        }
    }
}
