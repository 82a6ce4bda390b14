using Countersign.Cryptography;

namespace Countersign.Evidence;

/// <summary>One verified prekey of each member at one size of a transcript: what an epoch secret may be sealed to (CK-05, EN-14).
/// Only <see cref="Verify"/> makes it.</summary>
public sealed class MemberPrekeys
{
    private MemberPrekeys(IReadOnlyList<VerifiedPrekey> prekeys) => List = prekeys;

    /// <summary>Ascending by device.</summary>
    public IReadOnlyList<VerifiedPrekey> List { get; }

    /// <param name="members">The members to seal to.</param>
    /// <param name="taken">What the server handed out, in any order.</param>
    /// <param name="devices">The certificates this party has judged itself: the server's word counts for nothing here.</param>
    /// <exception cref="PrekeyRefusedException">A prekey is missing, twice, of no member, or not signed by the member's own key.</exception>
    public static MemberPrekeys Verify(Membership members, IEnumerable<Prekey> taken, IDeviceDirectory devices)
    {
        var verified = new SortedDictionary<DeviceId, VerifiedPrekey>();
        foreach (var prekey in taken)
        {
            var user = members.UserOf(prekey.Device) ?? throw new PrekeyRefusedException(PrekeyFault.OtherDevice);
            var device = devices.Find(prekey.Device);
            if (device is null || device.User != user)
                throw new PrekeyRefusedException(PrekeyFault.BadCertificate);
            if (!verified.TryAdd(prekey.Device, prekey.Verify(device)))
                throw new PrekeyRefusedException(PrekeyFault.NotOneEach);
        }
        if (verified.Count != members.Count)
            throw new PrekeyRefusedException(PrekeyFault.NotOneEach);
        return new MemberPrekeys([.. verified.Values]);
    }
}
