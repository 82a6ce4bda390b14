namespace Countersign.Evidence;

/// <summary>One reason, and what it is about.</summary>
/// <param name="Reason">The code.</param>
/// <param name="Position">The first entry it concerns, from 0; null if it concerns the bundle as a whole.</param>
/// <param name="Through">The last entry it concerns; beyond <paramref name="Position"/> where the same holds for several, or
/// where the place is known only to lie between the two.</param>
/// <param name="Device">The device it concerns.</param>
/// <param name="Member">The part of the bundle it concerns.</param>
/// <param name="Rule">The rule of SPEC that is broken, where one is.</param>
public sealed record Finding(
    Reason Reason, ulong? Position = null, ulong? Through = null, DeviceId? Device = null, BundleMember? Member = null, string? Rule = null);
