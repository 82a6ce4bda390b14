using Countersign.Cryptography;

namespace Countersign.Protocol.Tests;

/// <summary>The honest way through the handshake.</summary>
public sealed class SessionTests
{
    [Fact]
    public void R2_R3_R6_a_device_logs_in_and_both_ends_agree()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker();
        new Pump(server, client).Run();

        Assert.Equal("alice", server.Link!.Device.User.ToString());
        Assert.Equal(World.Real.Alice.Chain.Leaf.Fingerprint, server.Link.Device.Device.Value);
        Assert.Equal(World.ServerName, client.Link!.Server.Name);
        Assert.Equal(server.Link.Binding, client.Link.Binding);
    }

    [Fact]
    public void R4_AC_02_a_device_registers_and_the_record_is_what_its_password_gives()
    {
        using var server = new ServerWalker();
        using var client = new ClientWalker(registers: true);
        new Pump(server, client).Run();

        Assert.NotNull(server.Link);
        using var expected = World.Password.ToRecord();
        Assert.True(server.Registered!.StoredKey.FixedTimeEquals(expected.StoredKey.Span));
        Assert.Equal(server.Link.Binding, client.Link!.Binding);
    }
}
