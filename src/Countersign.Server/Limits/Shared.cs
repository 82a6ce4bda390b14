namespace Countersign.Server;

/// <summary>One value for each user, address or other key, made when it is first asked for: all links with that key have the same. The last
/// <paramref name="kept"/> that were asked for are kept: what is forgotten has not been used for long, and begins anew. Thread-safe.</summary>
internal sealed class Shared<TKey, TValue>(int kept, Func<TKey, TValue> make) where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly LeastRecentlyUsed<TKey, TValue> _values = new(kept);

    public TValue Of(TKey key)
    {
        lock (_lock)
        {
            if (_values.TryGet(key, out var value))
                return value;
            value = make(key);
            _values.Put(key, value);
            return value;
        }
    }
}
