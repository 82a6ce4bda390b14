using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>Drives the typed states of one end, deciding as an honest driver would, so that a test can count frames.</summary>
internal abstract class Walker : IDisposable
{
    private Func<byte[], ReadOnlyMemory<byte>>? _receive;

    /// <summary>The state that awaits a frame; empty when the walk is over.</summary>
    public string State { get; private set; } = "";

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
    private readonly Func<AccountRecord> _account;
    private readonly InvitationToken? _invitation;

    public ServerWalker(ServerHandshake? handshake = null, Func<AccountRecord>? account = null, InvitationToken? invitation = null)
    {
        Handshake = handshake ?? World.NewServer();
        _account = account ?? (() => World.Password.ToRecord());
        _invitation = invitation;
        Await(Handshake.Start, next => next switch
        {
            ExpectClientCertificates session => Session(session),
            ExpectEnrol enrol => Enrolment(enrol),
            _ => throw new InvalidOperationException(),
        });
    }

    public ServerHandshake Handshake { get; }
    public ServerLink? Link { get; private set; }
    public AccountRecord? Registered { get; private set; }

    public override ReadOnlyMemory<byte> Alert(WireCode code) => Handshake.Alert(code);

    public override void Dispose()
    {
        Handshake.Dispose();
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
        return Wire.Written(output => link.Sender.Write(new Welcome(World.Now, 0, [], PasswordCost.Least), output));
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
    private readonly IDisposable _handshake;
    private readonly Func<WireCode, ReadOnlyMemory<byte>> _alert;

    public ClientWalker(ClientHandshake<AccountChoice>? handshake = null, bool registers = false, LoginSecret? password = null)
    {
        var own = handshake ?? World.NewClient();
        (_handshake, _alert) = (own, own.Alert);
        password ??= World.Password;
        First = Start(own, choice => registers ? Register(choice, password) : Login(choice, password));
        Context = own.Context;
    }

    public ClientWalker(ClientHandshake<ExpectEnrolled> handshake)
    {
        (_handshake, _alert) = (handshake, handshake.Alert);
        First = Start(handshake, expect =>
        {
            Await(expect, enrolled => { Enrolled = enrolled; return Over(); });
            return Nothing;
        });
        Context = handshake.Context;
    }

    public HandshakeContext Context { get; }

    /// <summary>The hello's body.</summary>
    public byte[] First { get; }

    public ClientLink? Link { get; private set; }
    public EnrolledDevice? Enrolled { get; private set; }

    public override ReadOnlyMemory<byte> Alert(WireCode code) => _alert(code);

    public override void Dispose()
    {
        _handshake.Dispose();
        Link?.Dispose();
    }

    private byte[] Start<TNext>(ClientHandshake<TNext> handshake, Func<TNext, ReadOnlyMemory<byte>> then)
    {
        Await(handshake.Start.Next, certificates =>
        {
            Await(certificates, proof => { Await(proof, finished => { Await(finished, then); return Nothing; }); return Nothing; });
            return Nothing;
        });
        return Wire.Body(handshake.Start.Output);
    }

    private ReadOnlyMemory<byte> Register(AccountChoice choice, LoginSecret password)
    {
        using var record = password.ToRecord();
        var step = choice.Register(record);
        Await(step.Next, reply => { Await(reply, Reply); return Nothing; });
        return step.Output;
    }

    private ReadOnlyMemory<byte> Login(AccountChoice choice, LoginSecret password)
    {
        var step = choice.Login();
        Await(step.Next, challenge =>
        {
            var answer = challenge.Answer(password);
            Await(answer.Next, reply => { Await(reply, Reply); return Nothing; });
            return answer.Output;
        });
        return step.Output;
    }

    private ReadOnlyMemory<byte> Reply(ExpectWelcome welcome)
    {
        Await(welcome, link => { Link = link; return Over(); });
        return Nothing;
    }
}
