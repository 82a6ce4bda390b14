using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.EndToEnd.Tests;

/// <summary>The address in an invitation, where a server is reached otherwise than it listens.</summary>
public sealed class InvitationAddressTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Every_invitation_of_up_carries_the_address_it_was_told()
    {
        var port = FreePort();
        var (data, address) = (_scratch["alice"], $"localhost:{port}");
        string[] everyone = ["up", "--data", data, "--listen", $"0.0.0.0:{port}", "--address", address];
        var first = await TheProgram.RunAsync([.. everyone, "--user", "alice", "--plain"], "/invite carol\n");
        Assert.Equal(0, first.Exit);
        Assert.Contains($"invitations carry {address}", first.Talk, StringComparison.Ordinal);
        Assert.Contains($"for carol, at {address}, valid until", first.Output, StringComparison.Ordinal);
        Assert.Equal([("guest", address), ("carol", address)], Words(first.Output)); // the device of alice itself is enrolled over loopback

        // A later run remembers it, and invites whom one names: who ran `up` for himself first has no other way to a second person.
        var later = await TheProgram.RunAsync(["up", "--data", data, "--invite", "dave", "--plain"], "/invite erna\n");
        Assert.Equal([("dave", address), ("erna", address)], Words(later.Output));
        var other = await TheProgram.RunAsync(["up", "--data", data, "--address", $"127.0.0.1:{port}", "--plain"], "/invite fred\n");
        Assert.Equal([("fred", $"127.0.0.1:{port}")], Words(other.Output));
        // Stopped: as it was told last; and what is said for one goes before.
        Assert.Equal([("gerd", $"127.0.0.1:{port}")], Words((await TheProgram.DoneAsync("invite", "gerd", "--data", data)).Output));
        Assert.Equal([("hans", "[::1]:99")], Words((await TheProgram.DoneAsync("invite", "hans", "--address", "[::1]:99", "--data", data)).Output));
    }

    [Theory]
    [InlineData("up", "--user", "alice", "--address", "chat.example.org")]
    [InlineData("invite", "bob", "--address", "chat.example.org")]
    [InlineData("invite", "bob", "--address", "chat.example.org:0")]
    public async Task Exit_2_an_address_that_no_invitation_could_be_taken_with_is_refused_before_anything_is_made(params string[] arguments)
    {
        Assert.Equal(2, (await TheProgram.RunAsync([.. arguments, "--data", _scratch["nothing"]])).Exit);
        Assert.False(Directory.Exists(_scratch["nothing"]));
    }

    private static List<(string, string)> Words(string output) => [.. Regex.Matches(output, "csn1[a-z0-9]+").Select(static word =>
    {
        using var invitation = Invitation.Parse(word.Value);
        return (invitation.User.ToString(), invitation.Address);
    })];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
