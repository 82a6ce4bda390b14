namespace Countersign.Server;

/// <summary>Counts open links, in all and for each address (SPEC section 11).</summary>
internal sealed class LinkCounts(ServerLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerAddress, int> _ofAddress = [];
    private int _all;

    /// <summary>A place for one more link, given back by disposing it; null if there is none.</summary>
    public IDisposable? TryTake(PeerAddress address)
    {
        lock (_lock)
        {
            var ofAddress = _ofAddress.GetValueOrDefault(address);
            if (_all >= limits.Links || ofAddress >= limits.LinksPerAddress)
                return null;
            _all++;
            _ofAddress[address] = ofAddress + 1;
            return new Place(this, address);
        }
    }

    private void GiveBack(PeerAddress address)
    {
        lock (_lock)
        {
            _all--;
            if (--_ofAddress[address] == 0)
                _ofAddress.Remove(address);
        }
    }

    private sealed class Place(LinkCounts counts, PeerAddress address) : IDisposable
    {
        private LinkCounts? _counts = counts;

        public void Dispose() => Interlocked.Exchange(ref _counts, null)?.GiveBack(address);
    }
}
