using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The first element of every message (SPEC 4, 5, 6, 10).</summary>
internal enum MessageType
{
    Alert = 0,
    Hello = 1,
    ServerHello = 2,
    Certificates = 3,
    Proof = 4,
    Finished = 5,
    Enrol = 6,
    Enrolled = 7,
    Register = 10,
    Registered = 11,
    Login = 12,
    Challenge = 13,
    Response = 14,
    LoginOk = 15,
    RekeyStart = 20,
    RekeyReply = 21,
    RekeyDone = 22,
    Ready = 30,
    Welcome = 31,
    Bye = 32,
    Ping = 33,
    Pong = 34,
    Submit = 40,
    Accepted = 41,
    Refused = 42,
    Done = 43,
    List = 44,
    Listed = 45,
    Fetch = 46,
    Fetched = 47,
    FindUser = 48,
    Devices = 49,
    GetCertificates = 50,
    CertificatesFound = 51,
    PutPrekeys = 52,
    PrekeysHeld = 53,
    TakePrekeys = 54,
    PrekeysTaken = 55,
    PutReceipt = 56,
    GetReceipts = 57,
    Receipts = 58,
    Invite = 59,
    Invited = 60,
    ChangePassword = 61,
    GetStamps = 65,
    Stamps = 66,
    PushEntries = 70,
    PushReceipts = 71,
    PushCrls = 72,
    PushPrekeysLow = 73,
    PushStamp = 74,
}

/// <summary>The shape all messages share: an array whose first element is the type.</summary>
internal static class MessageShape
{
    /// <summary>The largest type of the grammar; a larger number is no message.</summary>
    private const ulong MaxType = 255;

    /// <summary>More elements than any message has.</summary>
    private const int MaxLength = 16;

    /// <summary>Starts a message of <paramref name="fields"/> fields after the type.</summary>
    public static CborOutput Start(this CborOutput output, MessageType type, int fields) =>
        output.StartArray(fields + 1).UInt((ulong)type);

    /// <summary>Requires a message of this type with exactly <paramref name="fields"/> fields after it.</summary>
    public static CborInput Require(this CborInput input, MessageType type, int fields)
    {
        input.StartArray(fields + 1);
        if (input.UInt(MaxType) != (ulong)type)
            throw new MalformedException($"{type} was expected");
        return input;
    }

    /// <summary>The type of a message whose rest nobody has looked at.</summary>
    public static MessageType TypeOf(ReadOnlyMemory<byte> message)
    {
        var input = new CborInput(message);
        input.StartArray(1, MaxLength);
        return (MessageType)input.UInt(MaxType);
    }

    /// <summary>Encodes a message of <paramref name="fields"/> fields that <paramref name="write"/> writes.</summary>
    public static byte[] Encode(MessageType type, int fields, Action<CborOutput> write) => CborOutput.Encode(output =>
    {
        output.Start(type, fields);
        write(output);
        output.EndArray();
    });

    /// <summary>Parses a whole message of <paramref name="fields"/> fields that <paramref name="read"/> reads.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> bytes, MessageType type, int fields, Func<CborInput, T> read) => CborInput.Parse(bytes, input =>
    {
        input.Require(type, fields);
        var message = read(input);
        input.EndArray();
        return message;
    });
}
