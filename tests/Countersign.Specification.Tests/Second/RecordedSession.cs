using System.Security.Cryptography;
using System.Text;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using static Countersign.Specification.Tests.Second.Derivation;

namespace Countersign.Specification.Tests.Second;

/// <summary>Goes through a recorded session and recomputes every value from the secrets that both ends put in: those of the two exchanges, the
/// password, the epoch secret. What the derivations of SPEC yield must be what was recorded, every frame must open to its content, every message
/// must be one that the product's own codecs read and write the same, and every signature must verify with the product's keys.</summary>
internal sealed class RecordedSession(IReadOnlyList<Recording.Step> steps)
{
    private readonly IncrementalHash _transcript = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<string, byte[]> _values = [];
    private Direction? _client;
    private Direction? _server;
    private byte[] _chain = [];
    private byte[] _th = [];
    private byte[] _rekey = [];
    private byte[] _proven = [];
    private object?[] _challenge = [];
    private byte[] _auth = [];
    private byte[] _epoch = [];
    private byte[] _author = [];
    private VerificationKey? _peer;
    private VerificationKey? _serverKey;
    private VerificationKey? _clientKey;
    private bool _established;

    public int MessagesAfterReady { get; private set; }

    public void Check()
    {
        foreach (var step in steps)
        {
            var bytes = Convert.FromHexString(step.Hex);
            if (step.Frame is null)
                Derived(step.Name, bytes);
            else
                Sent(step, bytes, Convert.FromHexString(step.Frame));
        }
        Assert.True(_established);
    }

    private void Derived(string name, byte[] value)
    {
        byte[] expected = name switch
        {
            "ECDH ‖ ML-KEM" => value, // the one input that only the exchange's two ends know
            "HS" => Extract(Label("hs"), _values["ECDH ‖ ML-KEM"]),
            "th1" or "th6" => _transcript.GetCurrentHash(),
            "k_auth" => Derive(_values["HS"], "k_auth", _values["th6"], 32),
            "ECDH ‖ ML-KEM, second" or "password" or "prekey of bob, private half" or "epoch secret" or "padded" => value, // what uses them tells
            "th'" => SHA256.HashData(Concat(_th, _rekey)),
            "k_chat" => Derive(Extract(_chain, _values["ECDH ‖ ML-KEM, second"]), "k_chat", _values["th'"], 32),
            "message key_0" => SecondEntries.FirstMessageKey(_values["epoch secret"], LabelledHash("entry hash", _epoch), _author),
            _ => throw new InvalidDataException(name),
        };
        Assert.Equal(expected, value);
        _values[name] = value;
        switch (name)
        {
            case "th1":
                Use("hs", _values["HS"], value);
                break;
            case "k_auth":
                Use("k_auth", value, _values["th6"]);
                _chain = Derive(value, "chain", _values["th6"], 32);
                break;
        }
    }

    private void Use(string prefix, byte[] secret, byte[] context)
    {
        _client = new Direction(secret, prefix + " c2s", context);
        _server = new Direction(secret, prefix + " s2c", context);
    }

    private void Sent(Recording.Step step, byte[] content, byte[] frame)
    {
        var fromClient = step.Kind == "C → S";
        Assert.Equal((uint)(frame.Length - 4), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame));
        var opened = (fromClient ? _client : _server)?.Open(frame[4..]) ?? frame[4..];
        Assert.Equal(content, opened);
        switch (step.Name)
        {
            case "rekey_start":
                _th = _transcript.GetCurrentHash();
                _rekey = Framed(content);
                return;
            case "rekey_reply":
                _rekey = Concat(_rekey, Framed(content));
                return;
            case "rekey_done":
                Use("k_chat", _values["k_chat"], _values["th'"]);
                _established = true;
                return;
        }
        if (_established)
            Session(step, content, fromClient);
        else
            Handshake(step, content, fromClient);
    }

    private void Handshake(Recording.Step step, byte[] content, bool fromClient)
    {
        var items = (object?[])Cbor.Decode(content)!;
        switch (step.Name)
        {
            case "certificates":
                _peer = Certificate.Parse((byte[])((object?[])items[1]!)[0]!).PublicKey;
                _ = fromClient ? _clientKey = _peer : _serverKey = _peer;
                break;
            case "proof":
                _proven = _transcript.GetCurrentHash();
                _peer!.Verify(fromClient ? Countersign.Cryptography.Label.ClientProof : Countersign.Cryptography.Label.ServerProof, _proven, Signature.Parse((byte[])items[1]!));
                break;
            case "finished":
                var key = Derive(_values["HS"], fromClient ? "hs c2s finished" : "hs s2c finished", _values["th1"], 32);
                Assert.Equal(HMACSHA256.HashData(key, _transcript.GetCurrentHash()), items[1]);
                break;
            case "challenge":
                _challenge = items;
                break;
            case "response":
                _auth = Concat(Label("scram auth"), [0], _transcript.GetCurrentHash());
                Assert.Equal(Account.Proof(_auth), items[1]);
                break;
            case "login_ok":
                Assert.Equal(HMACSHA256.HashData(Account.ServerKey, _auth), items[1]);
                break;
        }
        _transcript.AppendData(Framed(content));
    }

    private void Session(Recording.Step step, byte[] content, bool fromClient)
    {
        var messages = fromClient ? SessionCodec.ParseFromClient(content) : SessionCodec.ParseFromServer(content);
        Assert.NotEmpty(messages);
        MessagesAfterReady += messages.Count;
        if (!fromClient || !step.Name.StartsWith("submit", StringComparison.Ordinal))
            return;
        var bytes = (byte[])((object?[])Cbor.Decode(content)!)[2]!;
        CoseSign1.Parse(bytes, 131072).Verify(_clientKey!, Countersign.Cryptography.Label.Entry);
        Assert.Equal(bytes, Entry.Parse(bytes).Bytes.ToArray());
        var parts = (object?[])((Cbor.Tagged)Cbor.Decode(bytes)!).Value!;
        var header = (SortedDictionary<long, object?>)Cbor.Decode((byte[])parts[0]!)!;
        switch (step.Name)
        {
            case "submit: epoch":
                (_epoch, _author) = (bytes, (byte[])((object?[])header[34]!)[1]!);
                OpensToBob((object?[])Cbor.Decode((byte[])parts[2]!)!, (byte[])header[-65538]!);
                break;
            case "submit: message":
                Assert.Equal(LabelledHash("key commitment", _values["message key_0"]), header[-65543]);
                Assert.Equal(_values["padded"], SecondEntries.OpenPadded(_values["message key_0"], (byte[])parts[0]!, (byte[])parts[2]!));
                break;
        }
    }

    private Password Account => new(Encoding.UTF8.GetString(_values["password"]), (byte[])_challenge[1]!, (object?[])_challenge[2]!);

    // SPEC 9: one of the copies is his.
    private void OpensToBob(object?[] epoch, byte[] conversation)
    {
        Assert.Equal(LabelledHash("epoch commitment", _values["epoch secret"]), epoch[0]);
        using var prekey = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = _values["prekey of bob, private half"] });
        var copy = ((object?[])epoch[1]!).Cast<object?[]>().Single(copy => !((byte[])copy[0]!).AsSpan().SequenceEqual(_author));
        var info = Concat(Label("epoch seal"), [0], conversation, (byte[])copy[0]!, (byte[])copy[1]!);
        Assert.Equal(_values["epoch secret"], SecondHpke.Open(prekey, (byte[])copy[2]!, info, (byte[])copy[3]!));
    }
}
