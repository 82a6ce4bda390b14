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
}
