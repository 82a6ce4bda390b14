using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol.Tests;

/// <summary>One well-formed encoding of every message there is.</summary>
internal static class Samples
{
    private static readonly Hash32 SomeHash = Hash32.Sha256("some"u8);
    private static readonly ConversationId Conversation = new(SomeHash);
    private static readonly DeviceId Device = new(SomeHash);
    private static readonly Lazy<IReadOnlyList<(string Name, byte[] Bytes)>> AllLazy = new(() => [.. Handshake(), .. Session()]);

    /// <summary>Handshake, account, rekey and session messages.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> All => AllLazy.Value;

    /// <summary>All but most of the session messages, which differ only behind k_chat.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> BeforeChat => All.Where(sample =>
        sample.Bytes[1] < (byte)MessageType.Ready || sample.Name is nameof(Ready) or nameof(Welcome) or nameof(Bye) or nameof(Submit) or nameof(Done));

    public static SignedHead Head { get; } =
        HeadBatch.Sign(World.Real.ServerKey, SomeHash, [new Head(Conversation, 3, SomeHash)], World.Now)[0];

    public static IEnumerable<SessionMessage> SessionMessages()
    {
        CertificateChain[] chains = [World.Real.Alice.Chain];
        yield return new Ready();
        yield return new Welcome(World.Now, 7, [World.Real.Crl], PasswordCost.Default, new ConversationRoom(50, 20_000));
        yield return new Bye();
        yield return new Ping(5);
        yield return new Pong(5);
        yield return new Submit(1, new Encoded<Entry>(new byte[100]));
        yield return new Accepted(1, Conversation, 2, Head);
        yield return new Refused(1, WireCode.Stale);
        yield return new Done(1);
        yield return new ListConversations(1, null);
        yield return new ListConversations(1, Conversation);
        yield return new Listed(1, [new ListedConversation(Conversation, 9)], true);
        yield return new Fetch(1, Conversation, 4);
        yield return new Fetched(1, Conversation, 4, [new Encoded<Entry>(new byte[50])], null);
        yield return new Fetched(1, Conversation, 4, [], Head);
        yield return new FindUser(1, UserName.Parse("bob"));
        yield return new Devices(1, [.. chains]);
        yield return new GetCertificates(1, [Device]);
        yield return new CertificatesFound(1, [.. chains]);
        yield return new PutPrekeys(1, [new Encoded<Prekey>(new byte[40])]);
        yield return new PrekeysHeld(1, 3);
        yield return new TakePrekeys(1, [Device]);
        yield return new PrekeysTaken(1, [new Encoded<Prekey>(new byte[40]), null]);
        yield return new PutReceipt(1, new Encoded<Receipt>(new byte[60]));
        yield return new GetReceipts(1, Conversation, null);
        yield return new GetReceipts(1, Conversation, Device);
        yield return new Receipts(1, [new Encoded<Receipt>(new byte[60])], false);
        yield return new GetStamps(1, Conversation, 3);
        yield return new Stamps(1, [new Encoded<StampedHead>(new byte[70])], true);
        yield return new Invite(1, UserName.Parse("carol"), TimeSpan.FromDays(7));
        yield return new Invited(1, InvitationToken.Generate(), World.Now);
        yield return new ChangePassword(1, World.Password.ToRecord(), LoginProof.Parse(new byte[32]));
        yield return new PushEntries(Conversation, 1, [new Encoded<Entry>(new byte[50])], Head);
        yield return new PushReceipts([new Encoded<Receipt>(new byte[60])]);
        yield return new PushCrls([World.Real.Crl]);
        yield return new PushPrekeysLow(4);
        yield return new PushStamp(new Encoded<StampedHead>(new byte[70]));
    }

    private static IEnumerable<(string, byte[])> Session() => SessionMessages().Select(message => (message.GetType().Name, message.Encode()));

    private static IEnumerable<(string, byte[])> Handshake()
    {
        using var initiator = HybridInitiator.Create();
        using var answer = HybridResponder.Respond(initiator.Point, initiator.Key);
        var signature = World.Real.Alice.Key.Sign(Label.ClientProof, SomeHash.Span);
        yield return (nameof(Hello), new Hello(Intent.Session, Nonce32.Fresh(), initiator.Point, initiator.Key).Encode());
        yield return (nameof(ServerHello), new ServerHello(Nonce32.Fresh(), answer.Point, answer.Ciphertext).Encode());
        yield return (nameof(Certificates), new Certificates(World.Real.Alice.Chain, []).Encode());
        yield return (nameof(Proof), new Proof(signature).Encode());
        yield return (nameof(Finished), new Finished(SomeHash).Encode());
        yield return (nameof(Enrol), new Enrol(new InvitationId(new byte[16]), new Encoded<CertificationRequest>(new byte[9]), SomeHash).Encode());
        yield return (nameof(Enrolled), new Enrolled(World.Real.Alice.Chain, [World.Real.Crl], PasswordCost.Default).Encode());
        using var record = World.Password.ToRecord();
        yield return (nameof(Register), new Register(record).Encode());
        yield return (nameof(Registered), new Registered().Encode());
        yield return (nameof(Login), new Login(Nonce32.Fresh()).Encode());
        yield return (nameof(Challenge), new Challenge(record.Salt, record.Cost, Nonce32.Fresh()).Encode());
        yield return (nameof(Response), new Response(LoginProof.Parse(new byte[32])).Encode());
        yield return (nameof(LoginOk), new LoginOk(SomeHash).Encode());
        yield return (nameof(RekeyStart), new RekeyStart(initiator.Point, initiator.Key).Encode());
        yield return (nameof(RekeyReply), new RekeyReply(answer.Point, answer.Ciphertext).Encode());
        yield return (nameof(RekeyDone), new RekeyDone().Encode());
    }
}
