using System.Security.Cryptography;

namespace Countersign.Load;

/// <summary>One room, and what the server's counters have shown in its rounds.</summary>
internal sealed class MeasuredRoom : IDisposable
{
    private const int Window = 64;

    /// <summary>Server CPU of one round: enough that one collection or one compiled method more does not show.</summary>
    private const double RoundSeconds = 1;

    private const int EntriesPerSeal = 64;
    private const int FirstMessages = 1_000;

    /// <summary>So often at most: nobody waits for ever.</summary>
    private const int MostSettling = 16;

    private readonly Child _server;
    private readonly RSA _key;
    private readonly Room _room;
    private int _perMember;
    private bool _isSettled;

    private MeasuredRoom(Child server, RSA key, Room room) =>
        (_server, _key, _room, _perMember) = (server, key, room, Math.Max(1, FirstMessages / room.Members.Count));

    public int Members => _room.Members.Count;

    /// <summary>Seconds of server CPU per message.</summary>
    public Rounds Cpu { get; } = new();

    /// <summary>Messages a second by the clock.</summary>
    public Rounds Rate { get; } = new();

    /// <summary>Bytes allocated per message.</summary>
    public Rounds Allocated { get; } = new();

    /// <summary>RSA verifications a second on this machine, just before and after the messages.</summary>
    public Rounds Verifications { get; } = new();

    /// <summary>Seconds of AES-GCM for one entry's bytes in a long record, at the same moment.</summary>
    public Rounds Seals { get; } = new();

    /// <summary>Seconds of CPU that one more member costs per message: the difference of two rooms.</summary>
    public static Rounds PerDelivery(MeasuredRoom smaller, MeasuredRoom larger) =>
        larger.Cpu.With(smaller.CpuAtSpeedOf(larger), (many, few) => (many - few) / (larger.Members - smaller.Members));

    /// <summary>Seconds per message, as if the machine had been as fast as in the other room's rounds: on a shared machine it changes
    /// from one to the next.</summary>
    public Rounds CpuAtSpeedOf(MeasuredRoom other) => Cpu.With(Verifications, static (seconds, rate) => seconds * rate).Per(other.Verifications);

    public static async Task<MeasuredRoom> OpenAsync(Child server, LoadWorld world, IReadOnlyList<LoadUser> users) =>
        new(server, world.PlainKeys[0], await Room.ConnectAsync(server.Endpoint, world, users));

    /// <summary>Goes through all rooms by turns until the server's code has settled, and sizes the rounds by what a message then costs.</summary>
    public static async Task SettleAsync(IReadOnlyList<MeasuredRoom> rooms)
    {
        var messages = 0;
        for (var round = 0; round < MostSettling && !rooms.All(static room => room._isSettled); round++)
            foreach (var room in rooms)
            {
                messages += await room.RoundAsync();
                room._perMember = Math.Max(1, (int)(RoundSeconds / room.Cpu.Last) / room.Members);
            }
        Console.Error.WriteLine($"  settled after {messages} messages");
        foreach (var room in rooms)
        {
            room.Cpu.Clear();
            room.Rate.Clear();
            room.Allocated.Clear();
            room.Verifications.Clear();
            room.Seals.Clear();
        }
    }

    /// <summary>Rounds of so many messages from now on, however little they cost.</summary>
    public void Fix(int messages) => _perMember = messages / Members;

    /// <summary>Sends until the conversation has so many entries.</summary>
    public async Task GrowAsync(long entries)
    {
        const int step = 20_000, wide = 250;
        while (_room.Size < entries)
        {
            var perMember = (int)Math.Min(step, entries - _room.Size + Members - 1) / Members;
            await new Burst(_room, wide).RunAsync(_room.SignAhead(perMember));
        }
    }

    /// <summary>The same room on another run of the server.</summary>
    public async Task<MeasuredRoom> ReconnectAsync(Child server, LoadWorld world)
    {
        _room.Dispose();
        return new MeasuredRoom(server, _key, await _room.ReconnectAsync(server.Endpoint, world)) { _perMember = _perMember };
    }

    public Room Room => _room;

    /// <returns>How many messages it had.</returns>
    public async Task<int> RoundAsync()
    {
        var signed = _room.SignAhead(_perMember);
        var verifications = Platform.VerificationRate(_key);
        var before = await _server.CountersAsync();
        var result = await new Burst(_room, Window).RunAsync(signed);
        var used = await _server.CountersAsync() - before;
        Verifications.Add((verifications + Platform.VerificationRate(_key)) / 2);
        Seals.Add(Platform.SealSeconds(EntriesPerSeal * signed[0][0].Bytes.Length) / EntriesPerSeal);
        _isSettled = used.IsSettled;
        Cpu.Add(used.Cpu.TotalSeconds / result.Messages);
        Rate.Add(result.Rate);
        Allocated.Add((double)used.Allocated / result.Messages);
        Console.Error.WriteLine($"  {Members} members: {result.Messages} messages, {Table.Microseconds(Cpu.Last)} CPU, {Allocated.Last:0} B, {result.Rate:0}/s, {used.Compiling / used.Cpu:P1} compiling; {Verifications.Last:0} verifications/s");
        return result.Messages;
    }

    public void Dispose() => _room.Dispose();
}
