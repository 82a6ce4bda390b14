using Countersign.Cryptography;

namespace Countersign.Client;

/// <summary>What the invitation said and this device holds on to: whom to trust, where to find it, and who it is itself.</summary>
/// <param name="Address">Where the server listens.</param>
/// <param name="Server">The name its certificate must state.</param>
/// <param name="Root">Fingerprint of the only root that is trusted.</param>
/// <param name="User">Whom this device's certificate names.</param>
public sealed record ProfilePins(ServerAddress Address, ServerName Server, Hash32 Root, UserName User)
{
    internal byte[] Encode() => CborOutput.Encode(o => o.StartArray(5).UInt(1)
        .Text(Address.ToString()).Text(Server.ToString()).Hash(Root).Text(User.ToString()).EndArray());

    /// <exception cref="ProfileDamagedException">Not what <see cref="Encode"/> wrote.</exception>
    internal static ProfilePins Parse(ReadOnlyMemory<byte> stored)
    {
        try
        {
            return CborInput.Parse(stored, Read);
        }
        catch (Exception e) when (e is MalformedException or FormatException or CertificateRefusedException)
        {
            throw new ProfileDamagedException("its pins do not parse", e);
        }
    }

    private static ProfilePins Read(CborInput input)
    {
        input.StartArray(5);
        if (input.UInt() != 1)
            throw new MalformedException("pins version");
        var pins = new ProfilePins(
            ServerAddress.Parse(input.Text(300)), ServerName.Parse(input.Text(ServerName.MaxLength)), input.Hash(), UserName.Read(input));
        input.EndArray();
        return pins;
    }
}
