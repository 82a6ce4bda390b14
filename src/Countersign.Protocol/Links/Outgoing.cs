using System.Security.Cryptography;
using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>A message ready to be sent: it may be queued to any number of links, but for one with secrets in it, which
/// is sent once. What the receiver of a link asks to be sent
/// (<see cref="Received.Replies"/>) belongs to that link alone.</summary>
/// <remarks>Its length is known from the start, its bytes are made where they are sealed: what waits for a slow link is the message,
/// which all links share, and not a copy for each.</remarks>
public readonly record struct Outgoing
{
    private readonly SessionMessage? _message;
    private readonly Prepared? _prepared;

    private Outgoing(SessionMessage message, int length) => (_message, Length) = (message, length);

    private Outgoing(Prepared prepared) => (_prepared, Length) = (prepared, prepared.Length);

    /// <summary>Length of the encoding in bytes: what a queue's limit counts (SPEC 11).</summary>
    public int Length { get; }

    /// <summary>Part of a rekey: alone in its record (SPEC 4.4).</summary>
    internal bool StandsAlone => _prepared is { StandsAlone: true };

    /// <summary>The key of every record after this one, or null.</summary>
    internal RecordSealer? Then => _prepared?.Then;

    /// <exception cref="ArgumentException">The encoding does not fit a record: the caller splits before.</exception>
    public static Outgoing Of(SessionMessage message)
    {
        if (message.HoldsSecrets)
            return new Outgoing(Prepared.Secret(Fitting(message.Encode(), message)));
        var length = CborOutput.Measure(message, static (output, message) => message.Write(output));
        return length <= SessionCodec.MaxContent ? new Outgoing(message, length) : throw TooLong(message, length);
    }

    internal static Outgoing Rekey<TMessage>(TMessage message, RecordSealer? then) where TMessage : IHandshakeMessage<TMessage> =>
        Rekey(message.Encode(), then);

    internal static Outgoing Rekey(byte[] message, RecordSealer? then) => new(Prepared.Rekey(message, then));

    /// <summary>Writes the encoding into exactly <see cref="Length"/> bytes.</summary>
    /// <exception cref="InvalidOperationException">It holds secrets, and was written before: a bug of the caller.</exception>
    internal void Write(Memory<byte> target)
    {
        if (_message is not null)
            CborOutput.Write(target, _message, static (output, message) => message.Write(output));
        else
            _prepared!.Write(target); // one of the two is there
    }

    private static byte[] Fitting(byte[] encoded, SessionMessage message) =>
        encoded.Length <= SessionCodec.MaxContent ? encoded : throw TooLong(message, encoded.Length);

    private static ArgumentException TooLong(SessionMessage message, int length) =>
        new($"A message of {length} bytes does not fit a record.", nameof(message));

    /// <summary>A message that is encoded from the start: all copies of an <see cref="Outgoing"/> have the same.</summary>
    private sealed class Prepared
    {
        private readonly bool _holdsSecrets;
        private byte[]? _encoded;

        private Prepared(byte[] encoded, bool standsAlone, RecordSealer? then, bool holdsSecrets) =>
            (_encoded, Length, StandsAlone, Then, _holdsSecrets) = (encoded, encoded.Length, standsAlone, then, holdsSecrets);

        public int Length { get; }
        public bool StandsAlone { get; }
        public RecordSealer? Then { get; }

        public static Prepared Secret(byte[] encoded) => new(encoded, standsAlone: false, then: null, holdsSecrets: true);

        public static Prepared Rekey(byte[] encoded, RecordSealer? then) => new(encoded, standsAlone: true, then, holdsSecrets: false);

        public void Write(Memory<byte> target)
        {
            var encoded = _encoded ?? throw new InvalidOperationException("This message was sent, and wiped.");
            encoded.CopyTo(target);
            if (!_holdsSecrets)
                return;
            CryptographicOperations.ZeroMemory(encoded);
            _encoded = null;
        }
    }
}
