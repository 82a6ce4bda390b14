namespace Countersign.Server;

/// <summary>Counts open links, in all, for each address, and those that have not logged in (SPEC section 11, LI-02).</summary>
/// <remarks>A place that nobody has logged in at yet is given to the next who comes: strangers who hold all of them open shut
/// nobody out for longer than a handshake takes.</remarks>
internal sealed class LinkCounts(ServerLimits limits, ServerMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerAddress, int> _ofAddress = [];
    private readonly LinkedList<LinkPlace> _beforeLogin = new(); // the oldest first
    private int _all;

    /// <summary>A place for one more link, given back by disposing it; null if there is none.</summary>
    /// <param name="address">Of the peer.</param>
    /// <param name="giveWay">Ends the link; called if it has to make room before it has logged in.</param>
    public LinkPlace? TryTake(PeerAddress address, Action giveWay)
    {
        LinkPlace place;
        LinkPlace? oldest = null;
        lock (_lock)
        {
            if (_ofAddress.GetValueOrDefault(address) >= limits.LinksPerAddress)
                return Refuse(LimitNames.LinksPerAddress);
            if (_all >= limits.Links && _beforeLogin.Count == 0)
                return Refuse(LimitNames.Links);
            if (_all >= limits.Links || _beforeLogin.Count >= limits.LinksBeforeLogin)
                GiveBack(oldest = _beforeLogin.First!.Value);
            place = Add(address, giveWay);
        }
        if (oldest is not null)
        {
            metrics.LimitMet(LimitNames.LinksBeforeLogin);
            oldest.GiveWay();
        }
        return place;
    }

    private LinkPlace? Refuse(string limit)
    {
        metrics.LimitMet(limit);
        return null;
    }

    private LinkPlace Add(PeerAddress address, Action giveWay)
    {
        _all++;
        _ofAddress[address] = _ofAddress.GetValueOrDefault(address) + 1;
        var place = new LinkPlace(this, address, giveWay);
        place.BeforeLogin = _beforeLogin.AddLast(place);
        return place;
    }

    /// <summary>From now on the place is the user's.</summary>
    public void LoggedIn(LinkPlace place)
    {
        lock (_lock)
        {
            LeaveStrangers(place);
            if (!place.IsGivenBack) // otherwise it is about to be told to give way
                place.Settle();
        }
    }

    public void GiveBack(LinkPlace place)
    {
        lock (_lock) // again, if a newcomer has taken it
        {
            if (place.IsGivenBack)
                return;
            place.IsGivenBack = true;
            LeaveStrangers(place);
            _all--;
            if (--_ofAddress[place.Address] == 0)
                _ofAddress.Remove(place.Address);
        }
    }

    private void LeaveStrangers(LinkPlace place)
    {
        if (place.BeforeLogin?.List is not null)
            _beforeLogin.Remove(place.BeforeLogin);
        place.BeforeLogin = null;
    }
}

/// <summary>One link's place in <see cref="LinkCounts"/>, which alone changes it.</summary>
internal sealed class LinkPlace(LinkCounts counts, PeerAddress address, Action giveWay) : IDisposable
{
    private Action? _giveWay = giveWay;

    public PeerAddress Address => address;

    public LinkedListNode<LinkPlace>? BeforeLogin { get; set; }

    public bool IsGivenBack { get; set; }

    public void GiveWay() => _giveWay?.Invoke();

    /// <summary>It gives way to nobody any more.</summary>
    public void Settle() => _giveWay = null;

    public void LoggedIn() => counts.LoggedIn(this);

    public void Dispose() => counts.GiveBack(this);
}
