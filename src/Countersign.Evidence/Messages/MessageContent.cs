using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>content = [1, text: tstr]: what a message says (SPEC section 9).</summary>
/// <remarks>The text comes from another person: to be sanitised before it is shown, and never logged.</remarks>
public sealed class MessageContent
{
    /// <summary>Longest text in bytes of UTF-8 (SPEC section 11).</summary>
    public const int MaxTextBytes = 16384;

    /// <param name="text">At most 16384 bytes of UTF-8, without lone surrogates.</param>
    /// <exception cref="ArgumentException">Longer, or not text.</exception>
    public MessageContent(string text)
    {
        if (StrictUtf8.GetByteCount(text) > MaxTextBytes)
            throw new ArgumentException($"A message has at most {MaxTextBytes} bytes.", nameof(text));
        Text = text;
    }

    private static UTF8Encoding StrictUtf8 { get; } = new(false, throwOnInvalidBytes: true);

    public string Text { get; }

    internal byte[] Encode() => new CborOutput().StartArray(2).UInt(1).Text(Text).EndArray().ToArray();

    /// <exception cref="MalformedException">Not this grammar.</exception>
    internal static MessageContent Parse(ReadOnlyMemory<byte> content) => CborInput.Parse(content, static input =>
    {
        input.StartArray(2);
        if (input.UInt() != 1)
            throw new MalformedException("content version");
        var text = input.Text(MaxTextBytes);
        input.EndArray();
        return new MessageContent(text);
    });

    /// <summary>Says nothing of the text.</summary>
    public override string ToString() => nameof(MessageContent);
}
