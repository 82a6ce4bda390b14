using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The table of session messages and the content of a record under k_chat: a CBOR sequence (RFC 8742) of 1 to 1024
/// messages (SPEC 4.3).</summary>
public static class SessionCodec
{
    /// <summary>Most messages in one record.</summary>
    public const int MaxMessages = 1024;

    /// <summary>Largest content of a record in bytes.</summary>
    public const int MaxContent = Frame.ChatLimit - RecordLimits.Overhead;

    private const int MaxFields = 8;
    private const ulong MaxType = 255;

    /// <summary>The messages of one record from a client.</summary>
    /// <exception cref="MalformedException">Not this grammar, or a message that only a server sends.</exception>
    public static IReadOnlyList<SessionMessage> ParseFromClient(ReadOnlyMemory<byte> content) => Parse<IFromClient>(content);

    /// <summary>The messages of one record from a server.</summary>
    /// <exception cref="MalformedException">Not this grammar, or a message that only a client sends.</exception>
    public static IReadOnlyList<SessionMessage> ParseFromServer(ReadOnlyMemory<byte> content) => Parse<IFromServer>(content);

    /// <summary>The same for a record that was opened here: of what is secret in it, only what the messages hold is left.</summary>
    internal static IReadOnlyList<SessionMessage> TakeFromClient(byte[] content) => Take<IFromClient>(content);

    /// <inheritdoc cref="TakeFromClient"/>
    internal static IReadOnlyList<SessionMessage> TakeFromServer(byte[] content) => Take<IFromServer>(content);

    /// <summary>Ends the secrets of messages that nobody acts on any more.</summary>
    internal static void EndSecrets(IReadOnlyList<SessionMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
            messages[i].EndSecrets();
    }

    private static List<SessionMessage> Take<TSide>(byte[] content)
    {
        try
        {
            var messages = Parse<TSide>(content);
            if (messages.Exists(static message => message.HoldsSecrets))
                WipeSecrets(content, messages);
            return messages;
        }
        catch
        {
            CryptographicOperations.ZeroMemory(content);
            throw;
        }
    }

    // Messages without secrets may be slices of the content. Each has the length of its one encoding (CB-01 to CB-03).
    private static void WipeSecrets(Span<byte> content, List<SessionMessage> messages)
    {
        foreach (var message in messages)
        {
            var length = CborOutput.Measure(message, static (output, message) => message.Write(output));
            if (message.HoldsSecrets)
                CryptographicOperations.ZeroMemory(content[..length]);
            content = content[length..];
        }
    }

    private static List<SessionMessage> Parse<TSide>(ReadOnlyMemory<byte> content)
    {
        var messages = new List<SessionMessage>(1); // what most records hold
        Parse<TSide>(content, messages);
        return messages;
    }

    /// <summary>Adds the messages of a record; after a fault it has those before it, with their secrets ended.</summary>
    internal static void Parse<TSide>(ReadOnlyMemory<byte> content, List<SessionMessage> messages)
    {
        if (content.IsEmpty)
            throw new MalformedException("RL-06");
        try
        {
            CborInput.ParseSequence(content, messages, static (input, messages) => Read<TSide>(input, messages));
        }
        catch
        {
            EndSecrets(messages);
            throw;
        }
    }

    private static List<SessionMessage> Read<TSide>(CborInput input, List<SessionMessage> messages)
    {
        while (input.BytesRemaining > 0)
        {
            if (messages.Count == MaxMessages)
                throw new MalformedException("more than 1024 messages in a record");
            ReadOne(input, messages);
            if (messages[^1] is not TSide)
                throw new MalformedException($"{messages[^1].Type} from the wrong side");
        }
        return messages;
    }

    private static void ReadOne(CborInput input, List<SessionMessage> messages)
    {
        var length = input.StartArray(1, MaxFields);
        var type = (MessageType)input.UInt(MaxType);
        var read = Reader(type) ?? throw new MalformedException("message type");
        var message = read(input);
        messages.Add(message); // ended with the others, if the rest of it is wrong
        if (length != message.Fields + 1)
            throw new MalformedException("array length");
        input.EndArray();
    }

    private static Func<CborInput, SessionMessage>? Reader(MessageType type) => type switch
    {
        MessageType.Ready => Ready.Read,
        MessageType.Welcome => Welcome.Read,
        MessageType.Bye => Bye.Read,
        MessageType.Ping => Ping.Read,
        MessageType.Pong => Pong.Read,
        MessageType.Submit => Submit.Read,
        MessageType.Accepted => Accepted.Read,
        MessageType.Refused => Refused.Read,
        MessageType.Done => Done.Read,
        MessageType.List => ListConversations.Read,
        MessageType.Listed => Listed.Read,
        MessageType.Fetch => Fetch.Read,
        MessageType.Fetched => Fetched.Read,
        MessageType.FindUser => FindUser.Read,
        MessageType.Devices => Devices.Read,
        MessageType.GetCertificates => GetCertificates.Read,
        MessageType.CertificatesFound => CertificatesFound.Read,
        MessageType.PutPrekeys => PutPrekeys.Read,
        MessageType.PrekeysHeld => PrekeysHeld.Read,
        MessageType.TakePrekeys => TakePrekeys.Read,
        MessageType.PrekeysTaken => PrekeysTaken.Read,
        MessageType.PutReceipt => PutReceipt.Read,
        MessageType.GetReceipts => GetReceipts.Read,
        MessageType.Receipts => Receipts.Read,
        MessageType.Invite => Invite.Read,
        MessageType.Invited => Invited.Read,
        MessageType.ChangePassword => ChangePassword.Read,
        MessageType.GetStamps => GetStamps.Read,
        MessageType.Stamps => Stamps.Read,
        MessageType.PushEntries => PushEntries.Read,
        MessageType.PushReceipts => PushReceipts.Read,
        MessageType.PushCrls => PushCrls.Read,
        MessageType.PushPrekeysLow => PushPrekeysLow.Read,
        MessageType.PushStamp => PushStamp.Read,
        _ => null,
    };
}
