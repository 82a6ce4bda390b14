namespace Countersign.Server;

/// <summary>What belongs to one owner, and ends with it: what was made last ends first.</summary>
internal sealed class Belongings : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _ends = new();

    public T Add<T>(T made) where T : IDisposable
    {
        _ends.Push(() =>
        {
            made.Dispose();
            return ValueTask.CompletedTask;
        });
        return made;
    }

    public T AddAsync<T>(T made) where T : IAsyncDisposable
    {
        _ends.Push(made.DisposeAsync);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        while (_ends.TryPop(out var end))
            await end().ConfigureAwait(false);
    }
}
