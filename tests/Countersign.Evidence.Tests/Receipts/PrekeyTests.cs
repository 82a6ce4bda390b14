using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class PrekeyTests
{
    private static TestDevice Alice => TestDevice.Alice;
    private static TestDevice Bob => TestDevice.Bob;

    [Fact]
    public void CK_05_a_prekey_is_signed_by_the_member_device_itself()
    {
        using var key = EcPrivateKey.Generate();
        var prekey = Prekey.Parse(Prekey.Sign(Bob.Key, Bob.Id, key.Point, PrekeyKind.LastResort, TestDevice.Now).Bytes);
        Assert.Equal((Bob.Id, key.Point, PrekeyKind.LastResort, TestDevice.Now), (prekey.Device, prekey.Point, prekey.Kind, prekey.Time));
        prekey.Verify(Bob.Verified);
        Refuse(PrekeyFault.OtherDevice, () => prekey.Verify(Alice.Verified));
        Refuse(PrekeyFault.BadSignature, () => Prekey.Sign(Alice.Key, Bob.Id, key.Point, PrekeyKind.OneTime, TestDevice.Now).Verify(Bob.Verified));
    }

    [Fact]
    public void CK_05_every_byte_of_a_prekey_counts()
    {
        var prekey = OfDevice(Bob);
        for (var at = 0; at < prekey.Bytes.Length; at++)
        {
            var bytes = prekey.Bytes.ToArray();
            bytes[at] ^= (byte)(1 << at % 8);
            Assert.Throws<PrekeyRefusedException>(() => Prekey.Parse(bytes).Verify(Bob.Verified));
        }
    }

    [Fact]
    public void A28_CK_05_missing_double_swapped_and_foreign_prekeys_are_refused()
    {
        var talk = Talk.Started();
        var (members, devices) = (talk.Conversation.Members, talk.Server);
        var (alices, bobs) = (OfDevice(Alice), OfDevice(Bob));
        Assert.Equal(members.Devices, MemberPrekeys.Verify(members, [bobs, alices], devices).List.Select(p => p.Prekey.Device));
        Refuse(PrekeyFault.NotOneEach, () => MemberPrekeys.Verify(members, [alices], devices));
        Refuse(PrekeyFault.NotOneEach, () => MemberPrekeys.Verify(members, [alices, bobs, OfDevice(Bob)], devices));
        Refuse(PrekeyFault.OtherDevice, () => MemberPrekeys.Verify(members, [alices, OfDevice(TestDevice.Carol)], devices));
        var swapped = Prekey.Sign(TestDevice.Carol.Key, Bob.Id, bobs.Point, PrekeyKind.OneTime, TestDevice.Now);
        Refuse(PrekeyFault.BadSignature, () => MemberPrekeys.Verify(members, [alices, swapped], devices));
        talk.Server.Forget(Bob);
        Refuse(PrekeyFault.BadCertificate, () => MemberPrekeys.Verify(members, [alices, bobs], devices));
    }

    [Fact]
    public void HS_01_CK_05_a_prekey_has_a_point_on_the_curve_and_says_that_it_is_a_prekey()
    {
        using var key = EcPrivateKey.Generate();
        Raw(key.Point.Span, 19).Verify(Bob.Verified); // the control
        Refuse(PrekeyFault.Malformed, () => Raw([4, .. new byte[64]], 19));
        foreach (var type in new[] { 5, 16, 17, 18 })
            Refuse(PrekeyFault.Malformed, () => Raw(key.Point.Span, type));

        static Prekey Raw(ReadOnlySpan<byte> point, int type)
        {
            var payload = new CborOutput().StartArray(3).Bytes(point).UInt(0).UInt(0).EndArray().ToArray();
            var header = new CborOutput().StartMap(3).Int(1).Int(-37).Int(34).StartArray(2).Int(-16).Hash(Bob.Id.Value).EndArray()
                .Int(-65537).UInt((ulong)type).EndMap().ToArray();
            return Prekey.Parse(CoseSign1.Sign(Bob.Key, Label.Prekey, header, payload));
        }
    }

    private static Prekey OfDevice(TestDevice device)
    {
        using var key = EcPrivateKey.Generate();
        return Prekey.Sign(device.Key, device.Id, key.Point, PrekeyKind.OneTime, TestDevice.Now);
    }

    private static void Refuse(PrekeyFault fault, Action action) =>
        Assert.Equal(fault, Assert.Throws<PrekeyRefusedException>(action).Fault);
}
