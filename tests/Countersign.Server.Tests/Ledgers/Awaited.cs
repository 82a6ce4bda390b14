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

    public override void Known() { }

    public override void Refuse(EntryRefusedException refused) => _answer.SetException(refused);

    public override void Refuse(RequestRefusedException refused) => _answer.SetException(refused);

    public override void Fail(StoreException failed) => _answer.SetException(failed);
}
