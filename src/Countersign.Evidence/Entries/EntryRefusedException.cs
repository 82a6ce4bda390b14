namespace Countersign.Evidence;

/// <summary>An entry breaks a rule of SPEC section 7: its author's fault, or that of whoever passed it on.</summary>
/// <remarks>The message names fault and rule, nothing of the entry: it may be logged.</remarks>
public sealed class EntryRefusedException : Exception
{
    internal EntryRefusedException(EntryFault fault, string rule, Exception? inner = null)
        : base($"{fault} ({rule})", inner) => (Fault, Rule) = (fault, rule);

    internal EntryRefusedException(ulong acceptedAt) : this(EntryFault.Duplicate, "EN-07") => AcceptedAt = acceptedAt;

    public EntryFault Fault { get; }

    /// <summary>The SPEC rule, such as EN-07.</summary>
    public string Rule { get; }

    /// <summary>With <see cref="EntryFault.Duplicate"/>: the position these bytes have.</summary>
    public ulong? AcceptedAt { get; }
}
