using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[48, id, user]</c>: which devices does this user have?</summary>
public sealed record FindUser(ulong Id, UserName User) : Request(Id)
{
    internal override MessageType Type => MessageType.FindUser;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.Text(User.ToString());
    internal static FindUser Read(CborInput input) => new(input.UInt(), UserName.Read(input));
}

/// <summary><c>[49, id, chains]</c>: the certificates of a user's devices; the asker verifies them.</summary>
public sealed record Devices(ulong Id, EquatableList<CertificateChain> Chains) : Answer(Id)
{
    internal override MessageType Type => MessageType.Devices;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Chains, static (o, chain) => chain.Write(o));
    internal static Devices Read(CborInput input) => new(input.UInt(), input.List(0, SessionItems.MaxDevicesOfUser, CertificateChain.Read));
}

/// <summary><c>[50, id, devices]</c>: the certificates of these devices.</summary>
public sealed record GetCertificates(ulong Id, EquatableList<DeviceId> Wanted) : Request(Id)
{
    internal override MessageType Type => MessageType.GetCertificates;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Wanted, static (o, device) => o.Device(device));
    internal static GetCertificates Read(CborInput input) =>
        new(input.UInt(), input.List(1, SessionItems.MaxCertificatesAsked, static i => i.Device()));
}

/// <summary><c>[51, id, chains]</c>: those that the server knows; the asker verifies them.</summary>
public sealed record CertificatesFound(ulong Id, EquatableList<CertificateChain> Chains) : Answer(Id)
{
    internal override MessageType Type => MessageType.CertificatesFound;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Chains, static (o, chain) => chain.Write(o));
    internal static CertificatesFound Read(CborInput input) =>
        new(input.UInt(), input.List(0, SessionItems.MaxCertificatesAsked, CertificateChain.Read));
}

/// <summary><c>[72, crls]</c>: newer revocation lists.</summary>
public sealed record PushCrls(EquatableList<CertificateRevocationList> Crls) : Push
{
    internal override MessageType Type => MessageType.PushCrls;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.Crls(Crls);
    internal static PushCrls Read(CborInput input) => new(input.Crls(min: 1));
}
