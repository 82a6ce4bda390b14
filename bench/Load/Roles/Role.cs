namespace Countersign.Load;

/// <summary>The child's side of the conversation over stdin and stdout: one word a line, one line of answer.</summary>
internal static class Role
{
    /// <summary>Answers until it is told to end, on a thread of its own: a pool thread that waited for the next word would be one of the
    /// few, as many as processors, that the server has to work with.</summary>
    public static Task ServeAsync(string ready) =>
        Task.Factory.StartNew(() => Serve(ready), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Serve(string ready)
    {
        Console.Out.WriteLine(ready);
        while (Console.In.ReadLine() is { } word and not "quit")
        {
            if (word == "collect")
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.Out.WriteLine(Counters.Here().Line());
        }
    }
}
