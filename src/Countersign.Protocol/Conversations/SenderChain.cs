using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary>One sender's hash ratchet in one epoch (SPEC section 9): a key for each of its messages in transcript order,
/// and no way back to an earlier one. Author and readers each keep one and step it once a message, readable or not.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class SenderChain : IDisposable
{
    /// <summary>Length of the chain's state in bytes.</summary>
    public const int Size = 32;

    private Secret _chain;

    private SenderChain(Secret owned, ulong index) => (_chain, Index) = (owned, index);

    internal static SenderChain Own(Secret chain, ulong index) => new(chain, index);

    /// <summary>Number of the next message key: how many messages of this sender in this epoch came before.</summary>
    public ulong Index { get; private set; }

    /// <summary>Continues from what <see cref="Export"/> gave; the argument stays the caller's.</summary>
    /// <param name="chain">32 bytes.</param>
    /// <param name="index">The <see cref="Index"/> it had.</param>
    public static SenderChain Import(Secret chain, ulong index)
    {
        if (chain.Length != Size)
            throw new ArgumentException($"A chain has {Size} bytes.", nameof(chain));
        return new SenderChain(Secret.CopyOf(chain.Span), index);
    }

    /// <summary>The chain's present state, for the device's encrypted storage; the caller owns it. It opens every later
    /// message of this sender in this epoch, and none before.</summary>
    public Secret Export() => Secret.CopyOf(_chain.Span);

    /// <summary>The next message's key, owned by the caller. The state it came from is erased (CK-01).</summary>
    public MessageKey Next()
    {
        var key = MessageKey.Own(KeySchedule.Derive(_chain, Label.MessageKey, [], MessageCipher.KeySize));
        var next = KeySchedule.Derive(_chain, Label.NextChain, [], Size);
        _chain.Dispose();
        _chain = next;
        Index++;
        return key;
    }

    public void Dispose() => _chain.Dispose();

    /// <summary>Says nothing about the contents.</summary>
    public override string ToString() => $"{nameof(SenderChain)} at {Index}";
}
