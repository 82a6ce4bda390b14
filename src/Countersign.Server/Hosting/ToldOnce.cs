namespace Countersign.Server;

/// <summary>What the log was told of in rounds: each once for as long as every round finds it, and once more when it is there again.</summary>
/// <remarks>Used by one at a time.</remarks>
internal sealed class ToldOnce<T>
{
    private HashSet<T> _before = [];
    private HashSet<T> _now = [];

    /// <returns>Whether it is to be told.</returns>
    public bool Find(T what) => _now.Add(what) && !_before.Contains(what);

    /// <summary>Everything was looked at: what was not found is forgotten.</summary>
    public void EndRound()
    {
        _before = _now;
        _now = [];
    }
}
