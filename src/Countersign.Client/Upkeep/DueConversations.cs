using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>The conversations that wait for a pass on a link, each once however often it was marked.</summary>
/// <remarks>Thread-safe, with one reader. When the link has ended nothing is marked any more: the next one looks at every conversation.</remarks>
internal sealed class DueConversations(TimeProvider time, CancellationToken linked) : IDisposable
{
    private readonly RefusedQuestions _refused = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ConversationId> _due = [];
    private readonly SemaphoreSlim _wake = new(0);
    private bool _ended;

    /// <summary>Marks a conversation, now or after a delay.</summary>
    public void Mark(ConversationId id, TimeSpan delay = default)
    {
        if (delay > TimeSpan.Zero)
        {
            _ = MarkLaterAsync(id, delay);
            return;
        }
        lock (_gate)
            if (!_ended && _due.Add(id))
                _wake.Release();
    }

    /// <summary>The server has refused a question about it: it is looked at again later, and later each time.</summary>
    public void MarkRefused(ConversationId id) => _ = MarkLaterAsync(_refused.Add(id));

    /// <summary>The server has answered, or named something new to ask for.</summary>
    public void ClearRefused(ConversationId id) => _refused.Clear(id);

    /// <summary>Waits for one, and takes it.</summary>
    /// <exception cref="OperationCanceledException">The link has ended.</exception>
    public async Task<ConversationId> TakeAsync()
    {
        await _wake.WaitAsync(linked);
        lock (_gate)
        {
            var id = _due.First();
            _due.Remove(id);
            return id;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            _wake.Dispose();
        }
    }

    private async Task MarkLaterAsync(RefusedQuestions.Wait wait)
    {
        if (await IsOverAsync(wait.Length) && _refused.IsCurrent(wait))
            Mark(wait.Conversation);
    }

    private async Task MarkLaterAsync(ConversationId id, TimeSpan delay)
    {
        if (await IsOverAsync(delay))
            Mark(id);
    }

    private async Task<bool> IsOverAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, time, linked);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
