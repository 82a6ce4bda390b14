namespace Countersign.Client;

/// <summary>Gives each event to every subscription.</summary>
internal sealed class EventHub
{
    private readonly Lock _gate = new();
    private readonly List<EventSubscription> _subscriptions = [];
    private bool _complete;

    public EventSubscription Subscribe(bool warningsAlone = false)
    {
        var subscription = new EventSubscription(Remove, warningsAlone);
        lock (_gate)
        {
            if (_complete)
                subscription.Complete();
            else
                _subscriptions.Add(subscription);
        }
        return subscription;
    }

    public void Publish(ClientEvent happened)
    {
        lock (_gate)
            foreach (var subscription in _subscriptions)
                subscription.Publish(happened);
    }

    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            foreach (var subscription in _subscriptions)
                subscription.Complete();
            _subscriptions.Clear();
        }
    }

    private void Remove(EventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }
}
