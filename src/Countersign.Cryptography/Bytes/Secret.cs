using System.Security.Cryptography;

namespace Countersign.Cryptography;

/// <summary>Secret bytes with one owner and an end: pinned so that the collector leaves no copies, zeroed on disposal,
/// silent in <see cref="ToString"/>. Comparison is in constant time.</summary>
/// <remarks>Whoever creates or is handed a Secret as a return value owns it; a Secret passed as an argument stays the
/// caller's unless the parameter's documentation says otherwise. Copies that the platform makes inside AesGcm, RSA or
/// a hash object are out of reach: docs/THREATS.md lists them.</remarks>
public sealed class Secret : IDisposable
{
    private byte[]? _bytes;

    private Secret(byte[] pinned) => _bytes = pinned;

    /// <summary>Length in bytes.</summary>
    public int Length => Live.Length;

    /// <summary>The bytes, for the moment of use; never store the span's contents elsewhere.</summary>
    /// <exception cref="ObjectDisposedException">The secret has ended.</exception>
    public ReadOnlySpan<byte> Span => Live;

    private byte[] Live => _bytes ?? throw new ObjectDisposedException(nameof(Secret));

    /// <summary>A secret of <paramref name="length"/> bytes that <paramref name="fill"/> writes.</summary>
    public static Secret Create<TState>(int length, TState state, System.Buffers.SpanAction<byte, TState> fill)
        where TState : allows ref struct
    {
        var secret = new Secret(GC.AllocateArray<byte>(length, pinned: true));
        try
        {
            fill(secret.Live, state);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>A copy of <paramref name="bytes"/>; the caller still has to zero the original.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes) => Create(bytes.Length, bytes, static (target, source) => source.CopyTo(target));

    /// <summary>Fresh bytes from the system's generator.</summary>
    public static Secret Random(int length) => Create(length, 0, static (target, _) => RandomNumberGenerator.Fill(target));

    /// <summary>Constant-time equality for equal lengths; different lengths are unequal.</summary>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Live, other);

    public void Dispose()
    {
        var bytes = Interlocked.Exchange(ref _bytes, null);
        if (bytes is not null)
            CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>Says nothing about the contents.</summary>
    public override string ToString() => "Secret";
}
