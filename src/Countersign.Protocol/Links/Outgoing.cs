using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>A message encoded and ready to be sealed: made once, it may be queued to any number of links. What the receiver of a
/// link asks to be sent (<see cref="Received.Replies"/>) belongs to that link alone.</summary>
public sealed class Outgoing
{
    private Outgoing(ReadOnlyMemory<byte> bytes, bool standsAlone, RecordSealer? then)
    {
        Bytes = bytes;
        StandsAlone = standsAlone;
        Then = then;
    }

    /// <summary>Length of the encoding in bytes: what a queue's limit counts (SPEC 11).</summary>
    public int Length => Bytes.Length;

    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Part of a rekey: alone in its record (SPEC 4.4).</summary>
    internal bool StandsAlone { get; }

    /// <summary>The key of every record after this one, or null.</summary>
    internal RecordSealer? Then { get; }

    /// <exception cref="ArgumentException">The encoding does not fit a record: the caller splits before.</exception>
    public static Outgoing Of(SessionMessage message)
    {
        var bytes = message.Encode();
        if (bytes.Length > SessionCodec.MaxContent)
            throw new ArgumentException($"A message of {bytes.Length} bytes does not fit a record.", nameof(message));
        return new Outgoing(bytes, standsAlone: false, then: null);
    }

    internal static Outgoing Rekey<TMessage>(TMessage message, RecordSealer? then) where TMessage : IHandshakeMessage<TMessage> =>
        new(message.Encode(), standsAlone: true, then);

    internal static Outgoing Rekey(byte[] message, RecordSealer? then) => new(message, standsAlone: true, then);
}
