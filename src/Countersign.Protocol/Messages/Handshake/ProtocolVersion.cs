using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>The version stands second in both hellos and is judged before the rest, whose shape another version may change.</summary>
internal static class ProtocolVersion
{
    public const ulong One = 1;

    private const int MaxFieldsOfAnyVersion = 64;

    /// <summary>Parses a whole hello of <paramref name="fields"/> fields, the version among them, after the type.</summary>
    /// <exception cref="PeerFaultException"><c>BAD_VERSION</c> (HS-03).</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> bytes, MessageType type, int fields, Func<CborInput, T> read) => CborInput.Parse(bytes, input =>
    {
        var length = input.StartArray(2, MaxFieldsOfAnyVersion);
        if (input.UInt() != (ulong)type)
            throw new MalformedException($"{type} was expected");
        if (input.UInt() != One)
            throw new PeerFaultException(WireCode.BadVersion, "HS-03");
        if (length != fields + 1)
            throw new MalformedException("array length");
        var message = read(input);
        input.EndArray();
        return message;
    });
}
