namespace Countersign.Evidence;

/// <summary>Limits of SPEC section 11 that entries keep.</summary>
public static class ConversationLimits
{
    public const int MaxMembers = 500;
    public const int MaxDevicesOfUser = 16;

    /// <summary>Bytes of UTF-8 of a conversation's name.</summary>
    public const int MaxNameBytes = 128;

    /// <summary>Bytes of an entry that is no message.</summary>
    public const int MaxEntryBytes = 131072;

    /// <summary>Bytes of a message entry.</summary>
    public const int MaxMessageEntryBytes = 40960;

    /// <summary>How far ts may be ahead of the clock it is compared with (EN-08).</summary>
    public static TimeSpan MaxClockLead { get; } = TimeSpan.FromSeconds(120);

    /// <summary>How far the times go back by which a server judges entries and which its heads state (RC-10): a head may be so much earlier
    /// than the moment at which an entry below it was accepted.</summary>
    public static TimeSpan MaxClockReturn { get; } = TimeSpan.FromSeconds(60);

    /// <summary>What the server's clock showed, at the latest, when it took an entry which a head of this time covers (EN-18).</summary>
    public static DateTimeOffset LatestAcceptance(DateTimeOffset head) => Later(head, MaxClockReturn);

    /// <summary>A moment so much later; a server or a time-stamp authority may say the last one there is (BU-11).</summary>
    internal static DateTimeOffset Later(DateTimeOffset time, TimeSpan by) => time > DateTimeOffset.MaxValue - by ? DateTimeOffset.MaxValue : time + by;
}
