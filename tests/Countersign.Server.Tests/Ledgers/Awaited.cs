using Countersign.Evidence;

namespace Countersign.Server.Tests;

/// <summary>What the ledger answers: the entry's position, and a head that covers it.</summary>
internal sealed record Acceptance(ulong Position, SignedHead Head);

/// <summary>An entry whose answer a test awaits; a refusal is its exception.</summary>
internal sealed class Awaited(SignedEntry entry, IDeviceDirectory named) : Submission(entry, named)
{
    /// <summary>A ledger that has ended by a fault answers nobody: the test fails then, instead of waiting for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource<Acceptance> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Acceptance> Answer => _answer.Task.WaitAsync(Patience);

    public override void Accept(ulong position, SignedHead head) => _answer.SetResult(new Acceptance(position, head));

    public override void AcceptRemoved(ulong position) => _answer.SetException(new AuthorRemovedException(position));

    public override void Known() { }

    public override void Refuse(EntryRefusedException refused) => _answer.SetException(refused);

    public override void Refuse(RequestRefusedException refused) => _answer.SetException(refused);

    public override void Fail(StoreException failed) => _answer.SetException(failed);

    public override void Doubt(StoreException failed)
    {
        IsInDoubt = true;
        _answer.SetException(failed);
    }

    /// <summary>It was handed to the store, and may be there.</summary>
    public bool IsInDoubt { get; private set; }
}

/// <summary>The entry is there, and its author was removed since.</summary>
internal sealed class AuthorRemovedException(ulong position) : Exception
{
    public ulong Position => position;
}
