using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>The time of the heads that this server signs, and by which it judges entries. It does not go back, but for what a clock is corrected
/// by (RC-10): a head of an earlier time than that of a smaller one, or long before an entry was accepted, is what a backdating server would sign,
/// and no verifier could tell the difference.</summary>
/// <remarks>Durable is a time up to which may have been signed: written once for many signatures, before the first of them.</remarks>
/// <param name="store">Remembers it.</param>
/// <param name="certificate">The server's: nothing is signed outside its validity.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="log">Told when the clock is found behind.</param>
internal sealed partial class SigningClock(IServerStore store, Certificate certificate, TimeProvider clock, ILogger log) : IDisposable
{
    /// <summary>So far ahead of the clock is what is durable: after a restart this much of the tolerance is used up, at the most.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset? _reserved;
    private long _latestTicks; // in UTC
    private bool _isTold;

    private DateTimeOffset Latest
    {
        get => new(Volatile.Read(ref _latestTicks), TimeSpan.Zero);
        set => Volatile.Write(ref _latestTicks, value.UtcTicks);
    }

    /// <summary>Whether a head that was signed at this time may be given out now, after all others that were signed meanwhile (RC-10).</summary>
    public bool MayFollow(DateTimeOffset time) => time >= Latest - ConversationLimits.MaxClockReturn;

    /// <summary>The time to sign with, or to judge an entry by, now.</summary>
    /// <exception cref="StoreException">Unavailable: the clock is behind what was signed, outside the certificate's validity, or the
    /// store does not answer. Nothing may be signed.</exception>
    public async ValueTask<DateTimeOffset> NowAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            _reserved ??= Latest = await store.FindMarkAsync(StoreMark.Signed).ConfigureAwait(false) ?? DateTimeOffset.UnixEpoch;
            var now = clock.GetUtcNow();
            Require(now);
            if (now > _reserved)
            {
                await store.ReserveTimeAsync(now + Ahead).ConfigureAwait(false);
                _reserved = now + Ahead;
            }
            Latest = now > Latest ? now : Latest;
            return now;
        }
        finally
        {
            _one.Release();
        }
    }

    private void Require(DateTimeOffset now)
    {
        if (now < certificate.NotBefore || now > certificate.NotAfter)
            throw new StoreException(StoreFault.Unavailable, "By this machine's clock the server's certificate is not valid: nothing is signed.");
        if (now >= Latest - ConversationLimits.MaxClockReturn)
        {
            _isTold = false;
            return;
        }
        if (!_isTold)
            Behind(log, Latest);
        _isTold = true;
        throw new StoreException(StoreFault.Unavailable, "The clock is behind what this server has signed.");
    }

    public void Dispose() => _one.Dispose();

    [LoggerMessage(40, LogLevel.Critical, "this machine's clock is behind what this server has signed, up to {Latest:u}: nothing is signed, and entries are answered with BUSY, until it has come so far. If it was ahead before and is right now: docs/OPERATIONS.md, Clock")]
    private static partial void Behind(ILogger log, DateTimeOffset latest);
}
