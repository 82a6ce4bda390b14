using System.Security.Cryptography.X509Certificates;
using Countersign.Protocol;
using Countersign.Specification.Tests.Second;

namespace Countersign.Attacks.Tests;

/// <summary>What somebody can show to the server in a certificate's place. Each is BAD_CERT, before anything about accounts.</summary>
public sealed class ClientCertificateTests(Arena arena)
{
    [Fact]
    public async Task Control_what_the_forge_makes_without_a_fault_is_taken()
    {
        // Otherwise the refusals below could have any cause.
        using var stranger = await StrangerAsync();
        using var link = await stranger.Showing([new Forge().Certify(stranger.Key, "mallory")], stranger.Key).Identify(new Recording());
        Assert.Equal(13L, (await link.Challenge())[0]);
    }

    [Fact]
    public async Task A1_the_victims_certificate_without_its_key_is_BAD_CERT()
    {
        using var victim = await arena.ReadyAsync("victim");
        using var mallory = await StrangerAsync();
        await RefusedAsync(victim.Device.Shown, mallory);
        await victim.Ask("find_user", 48, 49, victim.Device.User);
    }

    [Fact]
    public async Task A2_a_certificate_under_a_CA_of_the_same_name_is_BAD_CERT()
    {
        using var mallory = await StrangerAsync();
        using var key = Keys.Rsa("forger");
        using var root = Forge.RootNamedAlike(key);
        Assert.Equal(Forge.RealRoot.SubjectName.RawData, root.SubjectName.RawData);
        var forged = new Forge { Issuer = root, IssuerKey = key }.Certify(mallory.Key, "mallory");
        await RefusedAsync([forged], mallory);
        await RefusedAsync([forged, root.RawData], mallory);
    }

    [Fact]
    public async Task A2_a_certificate_signed_by_its_own_holder_is_BAD_CERT()
    {
        using var mallory = await StrangerAsync();
        await RefusedAsync([new Forge { IssuerKey = mallory.Key }.Certify(mallory.Key, "mallory")], mallory); // the root's name, one's own key
        using var own = Forge.RootNamedAlike(mallory.Key);
        await RefusedAsync([own.RawData], mallory);
    }

    [Fact]
    public async Task A2_a_certificate_issued_by_a_users_own_is_BAD_CERT()
    {
        using var mallory = await StrangerAsync();
        using var leaf = X509CertificateLoader.LoadCertificate(mallory.Shown[0]);
        await RefusedAsync([new Forge { Issuer = leaf, IssuerKey = mallory.Key }.Certify(mallory.Key, "alice"), leaf.RawData], mallory);
    }

    [Fact]
    public async Task A3_the_servers_own_certificate_is_no_clients()
    {
        using var mallory = await StrangerAsync();
        await RefusedAsync(arena.Server.Chain, mallory);
        // Also for somebody who holds a key certified as a server's: the purpose decides, not the possession.
        await RefusedAsync([new Forge { Purpose = Forge.ServerAuth, DnsName = AttackedServer.Name }.Certify(mallory.Key, AttackedServer.Name)], mallory);
    }

    [Fact]
    public async Task A3_a_CAs_certificate_is_no_clients()
    {
        using var mallory = await StrangerAsync();
        using var rootKey = Keys.Rsa("root");
        using var rootHolder = mallory.Showing([Forge.RealRoot.RawData], rootKey);
        await arena.RefusedAsync(WireCode.BadCert, await rootHolder.Identify(new Recording()));
        await RefusedAsync([new Forge { IsAuthority = true }.Certify(mallory.Key, "mallory")], mallory);
        await RefusedAsync([new Forge { Usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyCertSign }.Certify(mallory.Key, "mallory")], mallory);
    }

    [Fact]
    public async Task A3_another_usage_is_BAD_CERT()
    {
        using var mallory = await StrangerAsync();
        foreach (var forge in new Forge[]
        {
            new() { Purpose = Forge.ServerAuth },
            new() { Purpose = Forge.CodeSigning },
            new() { Usage = X509KeyUsageFlags.DigitalSignature },
            new() { Usage = X509KeyUsageFlags.KeyEncipherment },
        })
            await RefusedAsync([forge.Certify(mallory.Key, "mallory")], mallory);
    }

    [Fact]
    public async Task R2_an_expired_and_a_not_yet_valid_certificate_are_BAD_CERT()
    {
        using var mallory = await StrangerAsync();
        var now = DateTimeOffset.UtcNow;
        await RefusedAsync([new Forge { NotBefore = now.AddDays(-2), NotAfter = now.AddMinutes(-1) }.Certify(mallory.Key, "mallory")], mallory);
        await RefusedAsync([new Forge { NotBefore = now.AddMinutes(5) }.Certify(mallory.Key, "mallory")], mallory);
    }

    [Theory]
    [InlineData("countersign:../mallory")] // A24
    [InlineData("countersign:a%2Fb")]
    [InlineData("countersign:Mallory")]
    [InlineData("countersign:-mallory")]
    [InlineData("countersign:")]
    [InlineData("mailto:mallory@example.org")]
    public async Task A24_R2_a_name_outside_the_grammar_is_BAD_CERT(string uri)
    {
        using var mallory = await StrangerAsync();
        await RefusedAsync([new Forge { Uri = uri }.Certify(mallory.Key, "mallory")], mallory);
    }

    [Fact]
    public async Task R2_a_revoked_device_is_cut_and_stays_out()
    {
        using var lost = await arena.ReadyAsync("lost");
        await arena.Server.RevokeAsync(lost.Device.Id);
        Assert.Equal(WireCode.BadCert, (WireCode)await lost.Link.Refusal());
        await arena.RefusedAsync(WireCode.BadCert, await lost.Device.Identify(new Recording()));
    }

    private Task<SecondDevice> StrangerAsync() => arena.Server.EnrolAsync(Arena.Fresh("mallory"), "mallory");

    /// <summary>Mallory, with her own key, shows this chain.</summary>
    private async Task RefusedAsync(IEnumerable<byte[]> chain, SecondDevice mallory) =>
        await arena.RefusedAsync(WireCode.BadCert, await mallory.Showing(chain, mallory.Key).Identify(new Recording()));
}
