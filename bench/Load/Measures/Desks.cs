namespace Countersign.Load;

/// <summary>Users who write at once, each in conversations of his own.</summary>
internal sealed class Desks : IDisposable
{
    public const int Users = 10;

    private readonly Child _server;
    private readonly Desk[] _desks;

    private Desks(Child server, Desk[] desks) => (_server, _desks) = (server, desks);

    public static async Task<Desks> OpenAsync(Child server, LoadWorld world, LoadUser[] users, int conversations) =>
        new(server, await Task.WhenAll(users.Select(user => Task.Run(() => Desk.OpenAsync(server.Endpoint, world, user, conversations / users.Length)))));

    /// <returns>Seconds of server CPU per message.</returns>
    public async Task<double> RoundAsync(int messages, int conversations, int inARow)
    {
        var signed = new (int, Countersign.Evidence.Entry)[_desks.Length][];
        Parallel.For(0, _desks.Length, i => signed[i] = _desks[i].SignAhead(messages / Users, Math.Max(1, conversations / Users), inARow));
        var before = await _server.CountersAsync();
        await Task.WhenAll(_desks.Select((desk, i) => Task.Run(() => desk.SendAsync(signed[i]))));
        return (await _server.CountersAsync() - before).Cpu.TotalSeconds / messages;
    }

    public void Dispose()
    {
        foreach (var desk in _desks)
            desk.Dispose();
    }
}
