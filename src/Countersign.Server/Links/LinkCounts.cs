using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>Counts open links, in all, for each address, and for each user, and those that have not logged in (SPEC section 11, LI-02, LI-11).</summary>
/// <remarks>A place that nobody has logged in at yet is given to the next who comes: strangers who hold all of them open shut
/// nobody out for longer than a handshake takes.</remarks>
internal sealed class LinkCounts(ServerLimits limits, ServerMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerAddress, int> _ofAddress = [];
    private readonly LinkedList<LinkPlace> _beforeLogin = new(); // the oldest first
    private readonly Dictionary<UserName, LinkedList<LinkPlace>> _ofUser = []; // likewise
    private int _all;

    /// <summary>A place for one more link, given back by disposing it; null if there is none.</summary>
    /// <param name="address">Of the peer.</param>
    /// <param name="giveWay">Ends the link; called with the rule if it has to make room.</param>
    public LinkPlace? TryTake(PeerAddress address, Action<string> giveWay)
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
            oldest.GiveWay("SPEC 11 links before login");
        }
        return place;
    }

    private LinkPlace? Refuse(string limit)
    {
        metrics.LimitMet(limit);
        return null;
    }

    private LinkPlace Add(PeerAddress address, Action<string> giveWay)
    {
        _all++;
        _ofAddress[address] = _ofAddress.GetValueOrDefault(address) + 1;
        var place = new LinkPlace(this, address, giveWay);
        place.BeforeLogin = _beforeLogin.AddLast(place);
        return place;
    }

    /// <summary>From now on the place is the user's. If he has too many, his oldest gives way: he is never shut out by links that he has forgotten, or
    /// that are dead and do not know it yet (LI-11).</summary>
    public void LoggedIn(LinkPlace place, UserName user)
    {
        LinkPlace? oldest = null;
        lock (_lock)
        {
            LeaveStrangers(place);
            if (place.IsGivenBack)
                return; // it is about to be told to give way
            if (!_ofUser.TryGetValue(user, out var places))
                _ofUser.Add(user, places = new LinkedList<LinkPlace>());
            place.OfUser = (user, places.AddLast(place));
            if (places.Count > limits.LinksPerUser)
                GiveBack(oldest = places.First!.Value);
        }
        if (oldest is null)
            return;
        metrics.LimitMet(LimitNames.LinksPerUser);
        oldest.GiveWay("SPEC 11 links of a user");
    }

    public void GiveBack(LinkPlace place)
    {
        lock (_lock) // again, if a newcomer has taken it
        {
            if (place.IsGivenBack)
                return;
            place.IsGivenBack = true;
            LeaveStrangers(place);
            LeaveUser(place);
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

    private void LeaveUser(LinkPlace place)
    {
        if (place.OfUser is not ({ } user, { } node))
            return;
        var places = node.List!;
        places.Remove(node);
        if (places.Count == 0)
            _ofUser.Remove(user);
        place.OfUser = null;
    }
}

/// <summary>One link's place in <see cref="LinkCounts"/>, which alone changes it.</summary>
internal sealed class LinkPlace(LinkCounts counts, PeerAddress address, Action<string> giveWay) : IDisposable
{
    public PeerAddress Address => address;

    public LinkedListNode<LinkPlace>? BeforeLogin { get; set; }

    /// <summary>Who has logged in, and where among his places this one stands.</summary>
    public (UserName User, LinkedListNode<LinkPlace> Node)? OfUser { get; set; }

    public bool IsGivenBack { get; set; }

    public void GiveWay(string rule) => giveWay(rule);

    public void LoggedIn(UserName user) => counts.LoggedIn(this, user);

    public void Dispose() => counts.GiveBack(this);
}
