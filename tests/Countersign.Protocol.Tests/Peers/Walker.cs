using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

/// <summary>Drives the typed states of one end, deciding as an honest driver would, so that a test can count frames.</summary>
internal abstract class Walker : IDisposable
{
    private Func<byte[], ReadOnlyMemory<byte>>? _receive;

    /// <summary>The state that awaits a frame; empty when the walk is over.</summary>
    public string State { get; private set; } = "";

    public abstract HandshakeContext Context { get; }
    public abstract ReadOnlyMemory<byte> Alert(WireCode code);
    public abstract void Dispose();

    /// <summary>Handles one body and returns the bodies to send.</summary>
    public List<byte[]> Receive(byte[] body) => Wire.Bodies((_receive ?? throw new InvalidOperationException("the walk is over"))(body));

    protected void Await<TNext>(HandshakeState<TNext> state, Func<TNext, ReadOnlyMemory<byte>> then)
    {
        State = state.GetType().Name.Split('`')[0];
        _receive = body =>
        {
            var step = state.Receive(body, World.Now);
            var decided = then(step.Next);
            return (byte[])[.. step.Output.Span, .. decided.Span];
        };
    }

    protected ReadOnlyMemory<byte> Over()
    {
        State = "";
        _receive = null;
        return default;
    }

    protected static ReadOnlyMemory<byte> Nothing => default;
}

/// <summary>The server's end with one account, alice's or nobody's, and one invitation.</summary>
internal sealed class ServerWalker : Walker
{
    private readonly ServerHandshake? _handshake;
    private readonly Func<AccountRecord> _account;
    private readonly InvitationToken? _invitation;

    public ServerWalker(ServerHandshake? handshake = null, Func<AccountRecord>? account = null, InvitationToken? invitation = null)
    {
        _handshake = handshake ?? World.NewServer();
        Context = _handshake.Context;
        _account = account ?? (() => World.Password.ToRecord());
        _invitation = invitation;
        Await(_handshake.Start, next => next switch
        {
            ExpectClientCertificates session => Session(session),
            ExpectEnrol enrol => Enrolment(enrol),
            _ => throw new InvalidOperationException(),
        });
    }

    private ServerWalker(HandshakeContext prepared) => (Context, _account) = (prepared, () => World.Password.ToRecord());

    /// <summary>Begins after the server's flight, with a memory of its own for chains.</summary>
    public static ServerWalker AtCertificates(HandshakeContext prepared)
    {
        var walker = new ServerWalker(prepared);
        walker.Session(new ExpectClientCertificates(prepared, World.Real.Server, World.Real.Revocations, new KnownDevices(1)));
        return walker;
    }

    /// <summary>Begins under k_auth.</summary>
    public static ServerWalker AtAccount(HandshakeContext prepared)
    {
        var walker = new ServerWalker(prepared);
        walker.Await(new ExpectAccount(prepared, Prepared.Alice), walker.Account);
        return walker;
    }

    /// <summary>Begins after the login.</summary>
    public static ServerWalker AtRekey(HandshakeContext prepared)
    {
        var walker = new ServerWalker(prepared);
        walker.Await(new ExpectRekeyStart(prepared, Prepared.Alice, prepared.TakeChain()), walker.Rekey);
        return walker;
    }

    /// <summary>Begins with an established link.</summary>
    public static ServerWalker AtLink(HandshakeContext prepared, LinkChain chain) =>
        new(prepared) { Link = ServerLink.Establish(prepared, Prepared.Alice, chain, []) };

    public override HandshakeContext Context { get; }
    public ServerLink? Link { get; private set; }
    public AccountRecord? Registered { get; private set; }

    public override ReadOnlyMemory<byte> Alert(WireCode code) => Context.TakeAlert(code);

    public override void Dispose()
    {
        Context.Dispose();
        Link?.Dispose();
    }

    private ReadOnlyMemory<byte> Session(ExpectClientCertificates state)
    {
        Await(state, proof => { Await(proof, finished => { Await(finished, account => { Await(account, Account); return Nothing; }); return Nothing; }); return Nothing; });
        return Nothing;
    }

    private ReadOnlyMemory<byte> Account(AccountRequest request)
    {
        if (request is RegistrationRequest registration)
        {
            Registered = registration.Record;
            var accepted = registration.Accept();
            Await(accepted.Next, Rekey);
            return accepted.Output;
        }
        var challenge = ((LoginRequest)request).Challenge(_account());
        Await(challenge.Next, start => { Await(start, Rekey); return Nothing; });
        return challenge.Output;
    }

    private ReadOnlyMemory<byte> Rekey(ExpectRekeyDone done)
    {
        Await(done, ready => { Await(ready, Established); return Nothing; });
        return Nothing;
    }

    private ReadOnlyMemory<byte> Established(ServerLink link)
    {
        Link = link;
        Over();
        return Wire.Written(output => link.Sender.Write(new Welcome(World.Now, 0, [], PasswordCost.Least, ConversationRoom.Largest), output));
    }

    private ReadOnlyMemory<byte> Enrolment(ExpectEnrol state)
    {
        Await(state, request =>
        {
            using var key = _invitation?.Key();
            var authorised = request.Authorise(request.Invitation == _invitation?.Id ? key : null);
            var leaf = World.Real.Authority.IssueDevice(UserName.Parse("carol"), authorised.Request);
            Over();
            return authorised.Issue(new CertificateChain([leaf]), [World.Real.Crl], PasswordCost.Least);
        });
        return Nothing;
    }
}

/// <summary>The client's end: alice logging in or registering, or an enrolment.</summary>
internal sealed class ClientWalker : Walker
{
    public ClientWalker(ClientHandshake<AccountChoice>? handshake = null, bool registers = false, LoginSecret? password = null)
    {
        var own = handshake ?? World.NewClient();
        password ??= World.Password;
        First = Start(own, choice => registers ? Register(choice, password) : Login(choice, password));
        Context = own.Context;
    }

    public ClientWalker(ClientHandshake<ExpectEnrolled> handshake)
    {
        First = Start(handshake, expect =>
        {
            Await(expect, enrolled => { Enrolled = enrolled; return Over(); });
            return Nothing;
        });
        Context = handshake.Context;
    }

    private ClientWalker(HandshakeContext prepared, Func<ClientWalker, ReadOnlyMemory<byte>> begin)
    {
        Context = prepared;
        First = begin(this) is { IsEmpty: false } frame ? Wire.Body(frame) : [];
    }

    /// <summary>Begins after the server's hello.</summary>
    public static ClientWalker AtCertificates(HandshakeContext prepared) => new(prepared, walker =>
    {
        var state = new ExpectServerCertificates<AccountChoice>(
            prepared, World.Target, static (context, server) => ClientFlight.Send(context, server, World.Real.Alice));
        walker.Flight(state, choice => walker.Login(choice, World.Password));
        return Nothing;
    });

    /// <summary>Begins under k_auth, with a login.</summary>
    public static ClientWalker AtAccount(HandshakeContext prepared) =>
        new(prepared, walker => walker.Login(new AccountChoice(prepared, Prepared.Server), World.Password));

    /// <summary>Begins after the login, with a rekey_start.</summary>
    public static ClientWalker AtRekey(HandshakeContext prepared) => new(prepared, walker =>
    {
        walker.Reply(ExpectRekeyReply.Start(prepared, Prepared.Server, World.Now));
        return prepared.TakeOutput();
    });

    /// <summary>Begins with an established link.</summary>
    public static ClientWalker AtLink(HandshakeContext prepared, LinkChain chain) => new(prepared, walker =>
    {
        walker.Link = ClientLink.Establish(prepared, Prepared.Server, chain, new Welcome(World.Now, 0, [], PasswordCost.Least, ConversationRoom.Largest), [], World.Now);
        return Nothing;
    });

    public override HandshakeContext Context { get; }

    /// <summary>The body it begins with: the hello's, unless it was prepared.</summary>
    public byte[] First { get; }

    public ClientLink? Link { get; private set; }
    public EnrolledDevice? Enrolled { get; private set; }

    public override ReadOnlyMemory<byte> Alert(WireCode code) => Context.TakeAlert(code);

    public override void Dispose()
    {
        Context.Dispose();
        Link?.Dispose();
    }

    private byte[] Start<TNext>(ClientHandshake<TNext> handshake, Func<TNext, ReadOnlyMemory<byte>> then)
    {
        Await(handshake.Start.Next, certificates => { Flight(certificates, then); return Nothing; });
        return Wire.Body(handshake.Start.Output);
    }

    private void Flight<TNext>(ExpectServerCertificates<TNext> state, Func<TNext, ReadOnlyMemory<byte>> then) =>
        Await(state, proof => { Await(proof, finished => { Await(finished, then); return Nothing; }); return Nothing; });

    private ReadOnlyMemory<byte> Register(AccountChoice choice, LoginSecret password)
    {
        using var record = password.ToRecord();
        var step = choice.Register(record);
        Await(step.Next, Reply);
        return step.Output;
    }

    private ReadOnlyMemory<byte> Login(AccountChoice choice, LoginSecret password)
    {
        var step = choice.Login();
        Await(step.Next, challenge =>
        {
            var answer = challenge.Answer(password);
            Await(answer.Next, Reply);
            return answer.Output;
        });
        return step.Output;
    }

    private ReadOnlyMemory<byte> Reply(ExpectRekeyReply reply)
    {
        Await(reply, welcome => { Await(welcome, link => { Link = link; return Over(); }); return Nothing; });
        return Nothing;
    }
}
