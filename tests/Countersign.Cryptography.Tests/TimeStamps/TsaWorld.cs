using System.Text;
using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>A time-stamp authority under the forged world's CAs, and a good token of it.</summary>
internal static class TsaWorld
{
    public static readonly byte[] Data = Encoding.ASCII.GetBytes("what is stamped");

    public static readonly SigningKey Key = TestKeys.Get(4);

    public static readonly Forged Leaf = World.DeviceLeaf with
    {
        Key = Key,
        Subject = DistinguishedName.FromCommonName("Test time stamps"),
        Extensions = [.. World.DeviceLeaf.Extensions.Where(e => e.Oid is not (Oids.SubjectAltName or Oids.ExtKeyUsage)), Purpose(critical: true, Oids.TimeStamping)],
    };

    public static readonly Certificate Issuing = World.Issuing.Certificate();
    public static readonly TrustAnchor Anchor = TrustAnchor.FromCertificate(World.Root.Certificate());

    public static readonly TimeStampAuthority Authority = For(Leaf.Certificate(), Issuing);

    /// <summary>A good token over <see cref="Data"/>, made at World.Now.</summary>
    public static readonly TimeStampToken Good = Stamp(Authority, Data);

    public static ForgedExtension Purpose(bool critical, params string[] purposes) => ForgedExtension.Of(Oids.ExtKeyUsage, critical, writer =>
    {
        using var _ = writer.PushSequence();
        foreach (var purpose in purposes)
            writer.WriteObjectIdentifier(purpose);
    });

    public static TimeStampAuthority For(Certificate leaf, params Certificate[] above) =>
        TimeStampAuthority.CreateInMemory(new([leaf, .. above]), Key, new SettableClock(World.Now), TimeSpan.FromMilliseconds(1500));

    public static TimeStampToken Stamp(TimeStampAuthority authority, byte[] data)
    {
        var request = TimeStampRequest.For(data);
        return request.ReadResponse(authority.Respond(request.Encode()));
    }

    public static VerifiedTimeStamp Verify(TimeStampToken token, RevocationSet? lists = null, TrustAnchor? anchor = null) =>
        token.Verify(Data, anchor ?? Anchor, lists ?? World.Lists());

    public static TimeStampRefusedException Refused(TimeStampFault fault, Func<object> action)
    {
        var refused = Assert.Throws<TimeStampRefusedException>(() => { action(); });
        Assert.Equal(fault, refused.Fault);
        return refused;
    }

    public static void RefusedCertificate(CertificateFault fault, Func<object> action) =>
        Assert.Equal(fault, Assert.IsType<CertificateRefusedException>(Refused(TimeStampFault.Certificate, action).InnerException).Fault);
}
