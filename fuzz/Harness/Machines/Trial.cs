using System.Buffers;
using System.Diagnostics;
using Countersign.Protocol;
using Countersign.Protocol.Tests;

namespace Countersign.Fuzz;

/// <summary>One end of a link as the product has it, and a peer that does what a fuzzer's input says under the right keys: changes,
/// makes up, repeats, reflects and withholds messages and records.</summary>
/// <remarks>Whatever the peer does, the end takes each thing that its peer sent once, in order, byte for byte, and nothing else; it
/// is established only with the transcript and the keys that its peer has, and takes then no message of an exchange but the one it
/// waits for; it refuses by a documented fault, after which it takes nothing more, says its alert once and holds no secret. An
/// honest peer is never refused.</remarks>
internal abstract class Trial(Walker machine, Deeds deeds) : IDisposable
{
    // What honest peers say, for the wrong moment.
    private static readonly Lazy<List<byte[]>> Sayings = new(Record);

    // What follows from the keys and the session alone: nothing else may be taken in its place. (Once there is a link, other
    // messages may come before a rekey_done.)
    private static readonly HashSet<string> Determined = ["proof", "finished", "response", "login_ok", "rekey_done"];

    private readonly List<byte[]> _sent = [];
    private readonly List<byte[]> _seen = [];
    private int _taken;
    private bool _deviates;
    private bool _opened;
    private byte[] _content = [];
    private bool _forged;
    private Func<byte[], byte[]>? _damage;

    protected Deeds Script { get; } = deeds;
    protected abstract HandshakeContext Own { get; }
    protected abstract LinkReceiver? Receiver { get; }
    protected abstract LinkSender? Sender { get; }

    /// <summary>From where the script begins to the established link.</summary>
    protected abstract void Open();

    /// <summary>th' as the machine has it, and as the peer has it.</summary>
    protected abstract bool Agree();

    /// <summary>The one message of an exchange that the machine waits for on the established link (HS-14).</summary>
    protected MessageType? Awaited { get; set; }

    /// <summary>What it waits for once it has taken that message.</summary>
    protected abstract MessageType? AwaitedAfter(MessageType taken);

    /// <summary>One exchange of records on the established link.</summary>
    protected abstract void Talk(int kind);

    protected abstract IReadOnlyList<SessionMessage> Parse(byte[] content);

    public abstract void Dispose();

    /// <exception cref="RefusedException">The machine refused, as it should.</exception>
    /// <exception cref="UnreachableException">A promise is broken.</exception>
    public void Run()
    {
        try
        {
            Open();
            if (!Agree())
                throw new UnreachableException("established with another transcript than its peer's");
            _opened = true;
            for (var records = 0; !Script.Over && !Receiver!.HasSaidBye && records < 64; records++)
                Talk(Script.Next(6));
            if (!Receiver!.HasSaidBye)
                Say("bye", new Bye().Encode());
            if (Receiver.HasSaidBye)
                Receiver.StreamEnded(ReadOnlySequence<byte>.Empty);
        }
        catch (Exception e) when (e is not RefusedException and not UnreachableException && _deviates && (Receiver is null || _opened))
        {
            // The peer lost its own thread, having deviated. The machine was not established meanwhile.
        }
    }

    protected abstract List<byte[]> Say(string step, byte[] content);

    /// <summary>What the peer says at a step, after whatever else it does before.</summary>
    protected byte[] Says(string step, byte[] honest)
    {
        _content = Chosen(honest);
        _forged = Receiver is null && Determined.Contains(step) && !_content.AsSpan().SequenceEqual(honest);
        return _content;
    }

    private byte[] Chosen(byte[] honest)
    {
        while (!Script.Over)
        {
            switch (Script.Next(11))
            {
                case 0:
                    return honest;
                case var change and <= 4:
                    _deviates = true;
                    return Script.Change(honest, change - 1);
                case 5:
                    _deviates = true;
                    return Sayings.Value[Script.Next(Sayings.Value.Count)];
                case 6:
                    var (place, mask) = (Script.Next(256), (byte)Math.Max(1, Script.Next(256)));
                    _damage = body => Flipped(body, place, mask);
                    return honest;
                case 7:
                    Inject(Script.Bytes());
                    break;
                case 8 when _seen.Count > 0:
                    Inject(_seen[Script.Next(_seen.Count)]);
                    break;
                case 9 when !InClear:
                    Own.Write(honest);
                    Own.TakeOutput(); // withheld: its number is used
                    _deviates = true;
                    break;
                default:
                    return honest;
            }
        }
        return honest;
    }

    /// <summary>A record's content that no honest peer need have said.</summary>
    protected byte[] MadeUp()
    {
        _deviates = true;
        return Script.Bytes() is { Length: > 0 } bytes ? bytes : [0];
    }

    /// <summary>A body on its way to the machine; returns what the machine answers.</summary>
    protected List<byte[]> Delivers(byte[] body)
    {
        if (_damage is not { } damage)
            return Deliver(body, genuine: true);
        _damage = null;
        _deviates = true;
        return Deliver(damage(body), genuine: InClear);
    }

    private bool InClear => Own.Writer.Key is null;

    private void Inject(byte[] body)
    {
        if (body.Length == 0)
            return; // RL-01 refuses it before it gets here
        _deviates = true;
        Deliver(body, genuine: InClear);
    }

    private List<byte[]> Deliver(byte[] body, bool genuine)
    {
        if (genuine)
            _sent.Add(body);
        _seen.Add(body);
        List<byte[]> answers;
        try
        {
            answers = Receiver is null ? machine.Receive(body) : Take(body);
        }
        catch (PeerFaultException fault)
        {
            Ended(body, fault.Code);
            throw new RefusedException(fault.Code);
        }
        catch (PeerAlertException alert)
        {
            Ended(body, null);
            throw new RefusedException(alert.Code);
        }
        catch (ArgumentException e) when (e.ParamName == "secret")
        {
            // The machine's driver has a login secret for one salt alone, where a client derives one for the salt it is given.
            throw new RefusedException(WireCode.AuthFail);
        }
        catch (Exception e) when (e is not UnreachableException)
        {
            throw new UnreachableException($"{e.GetType().Name} is not documented", e);
        }
        if (_taken == _sent.Count || !_sent[_taken++].AsSpan().SequenceEqual(body))
            throw new UnreachableException("took what is not the next thing that its peer sent");
        if (genuine && _forged)
            throw new UnreachableException("took another proof than the one there is");
        _seen.AddRange(answers);
        return answers;
    }

    // A record of an established link: what the driver gets is what its peer said.
    private List<byte[]> Take(byte[] body)
    {
        var received = Receiver!.Receive(body, World.Now);
        if (_content is [>= 0x80 and <= 0x97, (byte)MessageType.RekeyStart or (byte)MessageType.RekeyReply or (byte)MessageType.RekeyDone, ..])
        {
            var taken = (MessageType)_content[1];
            if (taken != Awaited)
                throw new UnreachableException($"took a {taken} that it did not wait for");
            Awaited = AwaitedAfter(taken);
        }
        else
        {
            var said = Parse(_content);
            if (!said.SelectMany(static m => m.Encode()).SequenceEqual(_content))
                throw new UnreachableException("took messages in another encoding");
            if (!said.Where(static m => m is not Ping).SelectMany(static m => m.Encode()).SequenceEqual(received.Messages.SelectMany(static m => m.Encode())))
                throw new UnreachableException("gave its driver other messages than its peer sent");
        }
        return Wire.Bodies(Wire.Written(output => Sender!.Write([.. received.Replies], output)));
    }

    // After a refusal (a code) or the peer's alert (none): one alert or none, and nothing else any more.
    private void Ended(byte[] body, WireCode? code)
    {
        if (!_deviates)
            throw new UnreachableException($"refused an honest peer: {code}");
        if (machine.Context.Owned.Count != 0)
            throw new UnreachableException("a secret outlives the link");
        var alerts = Alerts(code ?? WireCode.Internal);
        if (Receiver is null && alerts.Count != (code is null ? 0 : 1) || Alerts(WireCode.Internal).Count != 0)
            throw new UnreachableException($"{alerts.Count} alerts");
        try
        {
            if (Receiver is null)
                machine.Receive(body);
            else
                Receiver.Receive(body, World.Now);
        }
        catch (InvalidOperationException)
        {
            return;
        }
        catch (PeerFaultException)
        {
            // as it refused the first time
        }
        throw new UnreachableException("goes on after a refusal");
    }

    private List<byte[]> Alerts(WireCode code) =>
        Wire.Bodies(Sender is null ? machine.Alert(code) : Wire.Written(output => Sender.Alert(code, output)));

    private static byte[] Flipped(byte[] body, int place, byte mask)
    {
        var changed = (byte[])body.Clone();
        changed[place % body.Length] ^= mask;
        return changed;
    }

    private static List<byte[]> Record()
    {
        var said = new List<byte[]> { new Alert(WireCode.Busy).Encode(), new Registered().Encode(), new Bye().Encode(), new Ping(1).Encode() };
        using var server = new ServerWalker();
        using var client = new ScriptedClient(server) { Says = Keep };
        client.Run();
        using var otherClient = new ClientWalker();
        using var otherServer = new ScriptedServer(otherClient) { Says = Keep };
        otherServer.Run();
        return said;

        byte[] Keep(string step, byte[] honest)
        {
            said.Add(honest);
            return honest;
        }
    }
}

/// <summary>The machine refused its peer by a documented fault.</summary>
internal sealed class RefusedException(WireCode code) : Exception(code.Name());
