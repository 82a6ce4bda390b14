using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Client;

/// <summary>The devices as one entry finds them (EN-05, EN-20): judged at the time of the head that covers it and, where they are not good
/// then any more, at the earliest moment at which the server can have accepted it.</summary>
internal sealed class JudgedDevices : IDeviceDirectory
{
    private readonly DeviceBook _book;
    private readonly HeldConversation _held;
    private readonly DateTimeOffset _written;
    private readonly DateTimeOffset _covered;

    /// <param name="book">Certificates and lists.</param>
    /// <param name="held">The conversation, before the entry is taken.</param>
    /// <param name="written">The entry's own time: what its author says.</param>
    /// <param name="covered">Of the head that covers it.</param>
    public JudgedDevices(DeviceBook book, HeldConversation held, DateTimeOffset written, DateTimeOffset covered) =>
        (_book, _held, _written, _covered) = (book, held, written, covered);

    public VerifiedDevice? Find(DeviceId device) =>
        _book.Find(device, _covered) ?? (_book.Recorded(device) is { } recorded && Earliest(recorded) is var moment
            && moment - _covered <= ConversationLimits.MaxClockLead ? _book.FindAt(device, moment) : null);

    // Each of the three is no later than the acceptance by an honest server, so that the latest is not, either: no honest entry is refused.
    private DateTimeOffset Earliest(VerifiedDevice device)
    {
        var earliest = _written - ConversationLimits.MaxClockLead; // EN-08
        if (_held.TimelyHead - ConversationLimits.MaxClockReturn is { } below && below > earliest)
            earliest = below;
        return device.ValidFrom > earliest ? device.ValidFrom : earliest;
    }
}

/// <summary>The devices that are good now.</summary>
internal sealed class GoodDevices(DeviceBook book, DateTimeOffset now) : IDeviceDirectory
{
    public VerifiedDevice? Find(DeviceId device) => book.Find(device, now);
}
