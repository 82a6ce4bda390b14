using Countersign.Protocol;
using Countersign.Protocol.Tests;

namespace Countersign.Fuzz;

/// <summary>The server's states before a hostile client of alice's.</summary>
internal sealed class ServerTrial : Trial
{
    private readonly ServerWalker _server;
    private readonly ScriptedClient _client;
    private readonly Start _start;
    private ulong _requests;

    private ServerTrial(ServerWalker server, Deeds deeds, Start start, HandshakeContext? own, LinkChain? chain) : base(server, deeds)
    {
        (_server, _start, _client) = (server, start, new ScriptedClient(server, own, chain) { Says = Says, Delivers = Delivers });
        Awaited = MessageType.RekeyStart;
    }

    public static ServerTrial Of(Deeds deeds)
    {
        var start = (Start)deeds.Next(Enum.GetValues<Start>().Length);
        if (start == Start.Hello)
            return new ServerTrial(new ServerWalker(), deeds, start, null, null);
        if (start == Start.Link)
        {
            var (established, peer) = Prepared.ChatKeys();
            return new ServerTrial(ServerWalker.AtLink(established.Context, established.Chain), deeds, start, peer.Context, peer.Chain);
        }
        var (server, client) = start == Start.Certificates ? Prepared.HandshakeKeys() : Prepared.AuthKeys();
        var walker = start switch
        {
            Start.Certificates => ServerWalker.AtCertificates(server),
            Start.Account => ServerWalker.AtAccount(server),
            _ => ServerWalker.AtRekey(server),
        };
        return new ServerTrial(walker, deeds, start, client, null);
    }

    protected override HandshakeContext Own => _client.Context;
    protected override LinkReceiver? Receiver => _server.Link?.Receiver;
    protected override LinkSender? Sender => _server.Link?.Sender;

    protected override void Open()
    {
        if (_start <= Start.Hello)
            _client.Agree(Intent.Session);
        if (_start <= Start.Certificates)
            _client.Authenticate();
        if (_start <= Start.Account)
            _client.LogIn();
        if (_start <= Start.Rekey)
        {
            _client.Rekey();
            SessionCodec.ParseFromServer(_client.GetReady());
        }
    }

    protected override bool Agree() =>
        _server.Link!.Binding == _client.Chain!.Transcript && _server.Link.Device.User == Prepared.Alice.User;

    protected override MessageType? AwaitedAfter(MessageType taken) =>
        taken == MessageType.RekeyStart ? MessageType.RekeyDone : MessageType.RekeyStart;

    protected override void Talk(int kind)
    {
        switch (kind)
        {
            case 0:
                Heard(Say("ping", new Ping(7).Encode()));
                break;
            case 1:
                Heard(Say("request", new ListConversations(++_requests, null).Encode()));
                break;
            case 2:
                _client.Rekey();
                break;
            case 3:
                Heard(Say("messages", [.. new ListConversations(++_requests, null).Encode(), .. new Ping(1).Encode()]));
                break;
            case 4:
                Heard(Say("messages", MadeUp()));
                break;
            default:
                Heard(Say("bye", new Bye().Encode()));
                break;
        }
    }

    protected override List<byte[]> Say(string step, byte[] content) => _client.Say(step, content);

    protected override IReadOnlyList<SessionMessage> Parse(byte[] content) => SessionCodec.ParseFromClient(content);

    public override void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private void Heard(List<byte[]> answers)
    {
        foreach (var body in answers)
            SessionCodec.ParseFromServer(_client.Context.Open(new(body)));
    }
}

/// <summary>Where a script begins: what comes before is dear, and a script that changes what comes late need not wait for it.</summary>
internal enum Start
{
    Hello,
    Certificates,
    Account,
    Rekey,
    Link,
}
