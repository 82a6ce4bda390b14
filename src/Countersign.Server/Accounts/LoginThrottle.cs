using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>Counts wrong logins and says when there were too many (AC-04, SPEC section 11). The counts are in the store: a restart
/// forgives nothing.</summary>
/// <remarks>Judgements of one user, and of one address, happen one after the other: guesses sent at once would otherwise all be
/// judged before the first is counted. A right password writes nothing, so honest logins wait for no disk.</remarks>
internal sealed class LoginThrottle(IServerStore store, ServerLimits limits, TimeProvider clock) : IDisposable
{
    private const int Stripes = 256;

    private readonly SemaphoreSlim[] _users = Gates();
    private readonly SemaphoreSlim[] _addresses = Gates();

    /// <summary>Whether this user from this address may try now.</summary>
    public async Task<LoginPermission> AskAsync(UserName user, PeerAddress address)
    {
        var failures = await store.LoginFailuresAsync(user, address, clock.GetUtcNow() - limits.LoginWindow).ConfigureAwait(false);
        return failures.OfAccount >= limits.LoginFailuresPerAccount || failures.OfAddress >= limits.LoginFailuresPerAddress
            ? LoginPermission.TooManyFailures
            : LoginPermission.MayTry;
    }

    /// <summary>Takes this user's and this address's turn; disposing the result gives it back.</summary>
    public async Task<IDisposable> TakeTurnAsync(UserName user, PeerAddress address, CancellationToken cancellation)
    {
        var first = _users[(uint)user.GetHashCode() % Stripes];
        var second = _addresses[(uint)address.GetHashCode() % Stripes];
        await first.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await second.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            first.Release();
            throw;
        }
        return new Turn(first, second);
    }

    /// <summary>Counts a wrong login, durably, and records the event when it was the last one allowed.</summary>
    public async Task CountFailureAsync(UserName user, PeerAddress address)
    {
        var now = clock.GetUtcNow();
        await store.RecordLoginFailureAsync(user, address, now, now - limits.LoginWindow).ConfigureAwait(false);
        if (await AskAsync(user, address).ConfigureAwait(false) == LoginPermission.TooManyFailures)
            await store.RecordSecurityEventAsync(new SecurityEvent(now, SecurityEventKind.LoginsThrottled, user, null)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var gate in _users)
            gate.Dispose();
        foreach (var gate in _addresses)
            gate.Dispose();
    }

    private static SemaphoreSlim[] Gates() => [.. Enumerable.Range(0, Stripes).Select(static _ => new SemaphoreSlim(1, 1))];

    private sealed class Turn(SemaphoreSlim first, SemaphoreSlim second) : IDisposable
    {
        public void Dispose()
        {
            second.Release();
            first.Release();
        }
    }
}

/// <summary>The answer of <see cref="LoginThrottle"/>.</summary>
internal enum LoginPermission
{
    MayTry,
    TooManyFailures,
}
