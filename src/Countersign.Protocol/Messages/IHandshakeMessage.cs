namespace Countersign.Protocol;

/// <summary>A message of SPEC 4, 5 or 10: the whole content of one frame or record.</summary>
internal interface IHandshakeMessage<out TSelf>
    where TSelf : IHandshakeMessage<TSelf>
{
    /// <summary>Parses one complete message (CB-05).</summary>
    /// <exception cref="Cryptography.MalformedException">Not this message, or not its grammar.</exception>
    static abstract TSelf Parse(ReadOnlyMemory<byte> bytes);

    /// <summary>The one encoding of this message.</summary>
    byte[] Encode();
}
