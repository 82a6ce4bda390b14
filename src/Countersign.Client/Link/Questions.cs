using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>The requests of a link that wait for their answers (SE-01).</summary>
internal sealed class Questions(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Question> _waiting = [];
    private NotConnectedException? _ended;

    /// <param name="Answer">Completes with it.</param>
    /// <param name="Asked">When, by the clock that nobody sets.</param>
    private sealed record Question(TaskCompletionSource<Answer> Answer, long Asked);

    /// <summary>The task completes with the answer to this id.</summary>
    /// <exception cref="NotConnectedException">The link has ended.</exception>
    public Task<Answer> Add(ulong id)
    {
        var answer = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended is not null)
                throw new NotConnectedException(_ended.Cause);
            _waiting.Add(id, new Question(answer, time.GetTimestamp()));
        }
        return answer.Task;
    }

    /// <exception cref="PeerFaultException">Nobody asked.</exception>
    public void Answer(Answer answer)
    {
        Question? asked;
        lock (_gate)
            if (!_waiting.Remove(answer.Id, out asked) && _ended is null)
                throw new PeerFaultException(WireCode.BadMessage, "SE-01 an answer nobody asked for");
        asked?.Answer.TrySetResult(answer);
    }

    /// <summary>How long the request has waited that has waited longest; zero if none waits.</summary>
    public TimeSpan LongestWait
    {
        get
        {
            lock (_gate)
                return _waiting.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_waiting.Values.Min(static waiting => waiting.Asked));
        }
    }

    /// <summary>No answer will come any more.</summary>
    public void End(LinkEnd? cause)
    {
        List<TaskCompletionSource<Answer>> orphans;
        lock (_gate)
        {
            _ended ??= new NotConnectedException(cause);
            orphans = [.. _waiting.Values.Select(static waiting => waiting.Answer)];
            _waiting.Clear();
        }
        foreach (var orphan in orphans)
            orphan.TrySetException(new NotConnectedException(cause));
    }
}
