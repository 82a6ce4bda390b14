using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The requests of a link that wait for their answers (SE-01).</summary>
internal sealed class Questions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, TaskCompletionSource<Answer>> _waiting = [];
    private NotConnectedException? _ended;

    /// <summary>The task completes with the answer to this id.</summary>
    /// <exception cref="NotConnectedException">The link has ended.</exception>
    public Task<Answer> Add(ulong id)
    {
        var answer = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended is not null)
                throw new NotConnectedException(_ended.Cause);
            _waiting.Add(id, answer);
        }
        return answer.Task;
    }

    /// <exception cref="PeerFaultException">Nobody asked.</exception>
    public void Answer(Answer answer)
    {
        TaskCompletionSource<Answer>? asked;
        lock (_gate)
            if (!_waiting.Remove(answer.Id, out asked) && _ended is null)
                throw new PeerFaultException(WireCode.BadMessage, "SE-01 an answer nobody asked for");
        asked?.TrySetResult(answer);
    }

    /// <summary>No answer will come any more.</summary>
    public void End(LinkEnd? cause)
    {
        List<TaskCompletionSource<Answer>> orphans;
        lock (_gate)
        {
            _ended ??= new NotConnectedException(cause);
            orphans = [.. _waiting.Values];
            _waiting.Clear();
        }
        foreach (var orphan in orphans)
            orphan.TrySetException(new NotConnectedException(cause));
    }
}
