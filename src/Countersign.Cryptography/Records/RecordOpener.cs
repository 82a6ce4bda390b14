using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>The receiving half of a direction's record keys (SPEC 4.3). It opens record 0, 1, 2 … and nothing else
/// (RL-04). One receiver, one thread.</summary>
/// <remarks>A failure is final: the link ends with it, and every later call fails, too.</remarks>
public sealed class RecordOpener : IDisposable
{
    private readonly RecordKey _key;
    private bool _failed;

    /// <inheritdoc cref="RecordSealer(Secret, Label, Hash32)"/>
    public RecordOpener(Secret secret, Label direction, Hash32 context) : this(RecordKey.Derive(secret, direction, context.Span)) { }

    internal RecordOpener(RecordKey key) => _key = key;

    /// <summary>Records opened so far.</summary>
    public uint Count => _key.Next;

    /// <summary>Opens the next record.</summary>
    /// <param name="aad">The frame's four length bytes.</param>
    /// <param name="body">The frame's body: ciphertext and tag.</param>
    /// <param name="content">Receives the content: exactly the body's length less <see cref="RecordLimits.Overhead"/>.
    /// Holds nothing after a failure.</param>
    /// <exception cref="BadRecordException">The body is shorter than a tag, is not the next record of this direction,
    /// was changed (RL-04), or comes after the key's last (RL-05); or an earlier one failed.</exception>
    public void Open(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> body, Span<byte> content)
    {
        if (body.Length < RecordLimits.Overhead)
            throw Fail();
        if (content.Length != body.Length - RecordLimits.Overhead)
            throw new ArgumentException("The content has the body's length less the tag's.", nameof(content));
        if (_failed || _key.Next >= RecordLimits.MaxRecords)
            throw Fail();
        try
        {
            _key.Open(aad, body, content);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Fail();
        }
    }

    private BadRecordException Fail()
    {
        _failed = true;
        return new BadRecordException();
    }

    /// <summary>For a direction that is silent for a while: it takes less memory, and its next record a moment longer.</summary>
    public void Rest() => _key.Rest();

    public void Dispose() => _key.Dispose();
}
