using Countersign.Protocol;
using Countersign.Protocol.Tests;

namespace Countersign.Fuzz;

/// <summary>The client's states before a hostile server that has the true one's key.</summary>
internal sealed class ClientTrial : Trial
{
    private readonly ClientWalker _client;
    private readonly ScriptedServer _server;
    private readonly Start _start;

    private ClientTrial(ClientWalker client, Deeds deeds, Start start, HandshakeContext? own, LinkChain? chain) : base(client, deeds) =>
        (_client, _start, _server) = (client, start, new ScriptedServer(client, own, chain) { Says = Says, Delivers = Delivers });

    public static ClientTrial Of(Deeds deeds)
    {
        var start = (Start)deeds.Next(Enum.GetValues<Start>().Length);
        if (start == Start.Hello)
            return new ClientTrial(new ClientWalker(), deeds, start, null, null);
        if (start == Start.Link)
        {
            var (peer, established) = Prepared.ChatKeys();
            return new ClientTrial(ClientWalker.AtLink(established.Context, established.Chain), deeds, start, peer.Context, peer.Chain);
        }
        var (server, client) = start == Start.Certificates ? Prepared.HandshakeKeys() : Prepared.AuthKeys();
        var walker = start switch
        {
            Start.Certificates => ClientWalker.AtCertificates(client),
            Start.Account => ClientWalker.AtAccount(client),
            _ => ClientWalker.AtRekey(client),
        };
        return new ClientTrial(walker, deeds, start, server, null);
    }

    protected override HandshakeContext Own => _server.Context;
    protected override LinkReceiver? Receiver => _client.Link?.Receiver;
    protected override LinkSender? Sender => _client.Link?.Sender;

    protected override void Open()
    {
        if (_start == Start.Link)
            return;
        if (_start <= Start.Hello)
            _server.Agree();
        var first = _start <= Start.Certificates ? _server.Authenticate() : _client.First;
        var start = _start <= Start.Account ? _server.LogIn(first) : first;
        Heard(_server.Rekey(start));
        _server.Welcome();
    }

    protected override bool Agree() =>
        _client.Link!.Binding == _server.Chain!.Transcript && _client.Link.Server.Name == World.ServerName;

    protected override MessageType? AwaitedAfter(MessageType taken) => null;

    protected override void Talk(int kind)
    {
        switch (kind)
        {
            case 0:
                Heard(Say("ping", new Ping(7).Encode()));
                break;
            case 1:
                Heard(Say("answer", new Listed(1, [], false).Encode()));
                break;
            case 2 when Awaited is null:
                Awaited = MessageType.RekeyReply;
                var start = _client.Link!.Receiver.StartRekey();
                _server.Rekey(Wire.Body(Wire.Written(output => Sender!.Write([start], output))));
                break;
            case 4:
                Heard(Say("messages", MadeUp()));
                break;
            case 5:
                Heard(Say("bye", new Bye().Encode()));
                break;
            default:
                Heard(Say("pings", [.. new Ping(1).Encode(), .. new Ping(2).Encode()]));
                break;
        }
    }

    protected override List<byte[]> Say(string step, byte[] content) => _server.Say(step, content);

    protected override IReadOnlyList<SessionMessage> Parse(byte[] content) => SessionCodec.ParseFromServer(content);

    public override void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
    }

    private void Heard(List<byte[]> answers)
    {
        foreach (var body in answers)
            SessionCodec.ParseFromClient(_server.Context.Open(new(body)));
    }
}
