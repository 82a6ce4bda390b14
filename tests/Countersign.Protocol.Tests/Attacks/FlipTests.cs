using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Every byte of every message of a login, a registration, an enrolment and a session, changed once on its way.</summary>
public sealed class FlipTests
{
    private static readonly WireCode[] Refusals = [WireCode.BadMessage, WireCode.BadVersion, WireCode.DecryptFail];

    [Theory]
    [Trait("pace", "thorough")]
    [InlineData("login", 0)]
    [InlineData("registration", 4)] // what comes before is that of a login
    [InlineData("enrolment", 1)]
    public void A4_A13_HS_07_RL_04_every_byte_of_every_frame_of_a_handshake_flipped_once_is_refused(string kind, int from)
    {
        var frames = new List<(Side Side, int Number, int Length)>();
        using (var honest = new Ends(kind))
        {
            var pump = new Pump(honest.Server, honest.Client);
            pump.Run();
            foreach (var side in pump.Log.GroupBy(static sent => sent.From))
                frames.AddRange(side.Select((sent, number) => (side.Key, number, sent.Body.Length)).Where(frame => frame.number >= from));
        }
        Assert.NotEmpty(frames);
        foreach (var (side, number, length) in frames)
            for (var index = 0; index < length; index++)
                Refused(kind, side, number, index);
    }

    [Fact]
    public void A4_RL_04_every_byte_of_a_record_of_every_type_of_message_flipped_once_is_refused()
    {
        using var secret = Secret.Random(32);
        var context = Hash32.Sha256("context"u8);
        foreach (var (name, bytes) in Samples.All)
        {
            var body = Wire.Body(RecordTests.Sealed(secret, context, bytes));
            for (var index = 0; index < body.Length; index++)
            {
                using var reader = RecordTests.Reader(secret, context);
                var thrown = Record.Exception(() => reader.Read(new(Wire.Flip(body, index))));
                Assert.True(thrown is BadRecordException, $"{name}, byte {index}");
            }
        }
    }

    private static void Refused(string kind, Side side, int number, int index)
    {
        using var ends = new Ends(kind);
        var pump = new Pump(ends.Server, ends.Client) { Network = (from, n, body) => from == side && n == number ? [Wire.Flip(body, index)] : [body] };
        var thrown = Record.Exception(pump.Run);
        Assert.True(thrown is PeerFaultException fault && Refusals.Contains(fault.Code), $"{kind}, {side} {number}, byte {index}: {thrown}");
        Assert.False(ends.Server.Link is not null && ends.Client.Link is not null);
        Assert.Null(ends.Client.Enrolled);
    }

    private sealed class Ends : IDisposable
    {
        private readonly Invitation? _invitation;

        public Ends(string kind)
        {
            Client = kind == "enrolment" ? Enrolments.NewClient(out _invitation) : new ClientWalker(registers: kind == "registration");
            Server = new ServerWalker(invitation: _invitation?.Token);
        }

        public ServerWalker Server { get; }
        public ClientWalker Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
            _invitation?.Dispose();
        }
    }
}
