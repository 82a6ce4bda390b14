using System.Formats.Asn1;

namespace Countersign.Cryptography.Tests;

/// <summary>CE-04 to CE-09 and CE-13: form, usage, extensions and names.</summary>
public sealed class ProfileTests
{
    private const KeyUsages LeafUsage = KeyUsages.DigitalSignature | KeyUsages.ContentCommitment;
    private const KeyUsages CaUsage = KeyUsages.KeyCertSign | KeyUsages.CrlSign;

    [Fact]
    public void CE_04_version_1_is_refused() =>
        World.Refused(CertificateFault.Version, () => World.Device(World.DeviceLeaf with { Version = null, Extensions = [] }));

    [Theory]
    [InlineData("00"), InlineData("80"), InlineData("FF00"), InlineData("010101010101010101010101010101010101010101")]
    public void CE_04_zero_negative_and_long_serial_numbers_are_refused(string serial) =>
        World.Refused(CertificateFault.SerialNumber, () => World.Device(World.DeviceLeaf with { Serial = Convert.FromHexString(serial) }));

    [Theory]
    [InlineData(1), InlineData(2)]
    public void CE_04_unique_identifiers_are_refused(int number) =>
        World.Refused(CertificateFault.UniqueIdentifier, () => World.Device(World.DeviceLeaf with { UniqueIdentifier = number }));

    [Fact]
    public void CE_04_key_identifiers_must_be_there_and_match()
    {
        Refused(World.DeviceLeaf.Without(Oids.AuthorityKeyIdentifier));
        Refused(World.DeviceLeaf.With(ForgedExtension.AuthorityKeyIdentifier([9])));
        Refused(World.DeviceLeaf.With(ForgedExtension.AuthorityKeyIdentifier([2, 2, 2, 2], critical: true)));
        Refused(World.DeviceLeaf.With(ForgedExtension.AuthorityKeyIdentifier([2, 2, 2, 2], withSerial: true)));
        Refused(World.DeviceLeaf.With(new(Oids.AuthorityKeyIdentifier, false, [0x30, 0x00])));
        Refused(issuing: World.Issuing.Without(Oids.SubjectKeyIdentifier));
        Refused(issuing: World.Issuing.With(ForgedExtension.SubjectKeyIdentifier([2, 2, 2, 2], critical: true)));
        Refused(root: World.Root.Without(Oids.SubjectKeyIdentifier));
        Refused(root: World.Root.With(ForgedExtension.AuthorityKeyIdentifier([9])));
        World.Device(root: World.Root.With(ForgedExtension.AuthorityKeyIdentifier([1, 1, 1, 1])));

        static void Refused(Forged? leaf = null, Forged? issuing = null, Forged? root = null) =>
            World.Refused(CertificateFault.KeyIdentifier, () => World.Device(leaf, issuing, root));
    }

    [Fact]
    public void CE_05_an_issuer_must_be_a_CA()
    {
        Refused(World.Issuing.Without(Oids.BasicConstraints));
        Refused(World.Issuing.With(ForgedExtension.BasicConstraints(false)));
        Refused(World.Issuing.With(ForgedExtension.BasicConstraints(true, critical: false)));
        World.Refused(CertificateFault.NotAnAuthority, () => World.Device(root: World.Root.Without(Oids.BasicConstraints)));

        static void Refused(Forged issuing) => World.Refused(CertificateFault.NotAnAuthority, () => World.Device(issuing: issuing));
    }

    [Fact]
    public void CE_05_the_path_length_of_the_root_is_kept()
    {
        World.Refused(CertificateFault.PathLengthConstraint, () => World.Device(root: World.Root.With(ForgedExtension.BasicConstraints(true, 0))));
        World.Device(root: World.Root.With(ForgedExtension.BasicConstraints(true)));
    }

    [Theory]
    [InlineData((int)KeyUsages.KeyCertSign, true), InlineData((int)KeyUsages.CrlSign, true), InlineData((int)CaUsage, false)]
    public void CE_05_an_issuer_must_be_allowed_to_sign_certificates_and_lists(int usages, bool critical) =>
        World.Refused(CertificateFault.AuthorityKeyUsage, () =>
            World.Device(issuing: World.Issuing.With(ForgedExtension.KeyUsage((KeyUsages)usages, critical))));

    [Fact]
    public void CE_05_an_issuer_without_key_usage_is_refused() =>
        World.Refused(CertificateFault.AuthorityKeyUsage, () => World.Device(issuing: World.Issuing.Without(Oids.KeyUsage)));

    [Fact]
    public void CE_05_A3_a_CA_certificate_is_not_a_leaf()
    {
        var root = TrustAnchor.FromCertificate(World.Root.Certificate());
        World.Refused(CertificateFault.AuthorityAsLeaf, () => PathValidator.ValidateDevice(new([World.Issuing.Certificate()]), root, World.Lists(), World.Now));
        World.Refused(CertificateFault.AuthorityAsLeaf, () => World.Device(World.DeviceLeaf.And(ForgedExtension.BasicConstraints(true)).And(ForgedExtension.SubjectKeyIdentifier([3]))));
        World.Refused(CertificateFault.AuthorityAsLeaf, () => World.Device(World.DeviceLeaf.With(ForgedExtension.KeyUsage(LeafUsage | KeyUsages.KeyCertSign))));
        World.Refused(CertificateFault.AuthorityAsLeaf, () => World.Device(World.DeviceLeaf.With(ForgedExtension.KeyUsage(LeafUsage | KeyUsages.CrlSign))));
    }

    [Fact]
    public void CE_05_A3_the_root_is_not_a_leaf()
    {
        var root = World.Root.Certificate();
        World.Refused(CertificateFault.AuthorityAsLeaf, () =>
            PathValidator.ValidateDevice(new([root]), TrustAnchor.FromCertificate(root), World.Lists(), World.Now));
    }

    // It signs itself, its list need not be there, and nobody above it would have to be a CA.
    [Theory]
    [InlineData(1), InlineData(2)]
    public void CE_05_A3_a_root_that_says_it_is_a_leaf_is_none(int times)
    {
        var device = Chain(World.DeviceLeaf);
        AsLeaf(() => PathValidator.ValidateDevice(device, TrustAnchor.FromCertificate(device.Leaf), new(), World.Now));
        AsLeaf(() => PathValidator.ValidateDevice(device, TrustAnchor.FromFingerprint(device.Leaf.Fingerprint), new(), World.Now));
        AsLeaf(() => PathValidator.ValidateRecordedDevice(device, TrustAnchor.FromCertificate(device.Leaf)));
        var server = Chain(World.ServerLeaf);
        AsLeaf(() => PathValidator.ValidateServer(server, TrustAnchor.FromCertificate(server.Leaf), new(), World.Server, World.Now));
        AsLeaf(() => PathValidator.ValidateRecordedServer(server, TrustAnchor.FromCertificate(server.Leaf)));
        var stamps = Chain(World.ServerLeaf.With(ForgedExtension.Purposes(Oids.TimeStamping) with { Critical = true }));
        AsLeaf(() => PathValidator.ValidateTimeStampAuthority(stamps, TrustAnchor.FromCertificate(stamps.Leaf), World.Now));

        CertificateChain Chain(Forged leaf) => new([.. Enumerable.Repeat(Alone(leaf).Certificate(), times)]);
        static void AsLeaf(Func<object> validate) => World.Refused(CertificateFault.AuthorityAsLeaf, validate);
    }

    [Fact]
    public void CE_04_a_root_that_says_it_is_a_leaf_has_a_key_identifier_all_the_same()
    {
        var root = Alone(World.DeviceLeaf).Without(Oids.SubjectKeyIdentifier).Certificate();
        World.Refused(CertificateFault.KeyIdentifier, () =>
            PathValidator.ValidateDevice(new([root]), TrustAnchor.FromCertificate(root), World.Lists(), World.Now));
    }

    [Fact]
    public void CE_05_the_root_is_no_issuing_CA_below_itself()
    {
        var root = World.Root.Certificate();
        var anchor = TrustAnchor.FromCertificate(root);
        PathValidator.ValidateAuthority(World.Issuing.Certificate(), anchor, World.Lists(), World.Now); // the control
        World.Refused(CertificateFault.AuthorityAsLeaf, () => PathValidator.ValidateAuthority(root, anchor, World.Lists(), World.Now));
    }

    private static Forged Alone(Forged leaf) => leaf.And(ForgedExtension.SubjectKeyIdentifier([2, 2, 2, 2]))
        with { Key = World.IssuingKey, Subject = leaf.Issuer };

    [Fact]
    public void CE_05_an_empty_basic_constraints_on_a_leaf_is_harmless() =>
        World.Device(World.DeviceLeaf.And(ForgedExtension.BasicConstraints(false)));

    [Fact]
    public void CE_05_a_path_length_on_a_leaf_is_refused() =>
        World.Refused(CertificateFault.PathLengthConstraint, () => World.Device(World.DeviceLeaf.And(ForgedExtension.BasicConstraints(false, 0))));

    [Theory]
    [InlineData((int)KeyUsages.DigitalSignature, true), InlineData((int)KeyUsages.ContentCommitment, true), InlineData((int)LeafUsage, false)]
    [InlineData((int)(LeafUsage | KeyUsages.KeyEncipherment), true), InlineData((int)(LeafUsage | KeyUsages.KeyAgreement), true)]
    public void CE_06_the_key_usage_of_a_leaf_is_exactly_the_two_signatures(int usages, bool critical) =>
        World.Refused(CertificateFault.LeafKeyUsage, () => World.Device(World.DeviceLeaf.With(ForgedExtension.KeyUsage((KeyUsages)usages, critical))));

    [Fact]
    public void CE_06_a_leaf_without_key_usage_is_refused() =>
        World.Refused(CertificateFault.LeafKeyUsage, () => World.Device(World.DeviceLeaf.Without(Oids.KeyUsage)));

    [Fact]
    public void CE_07_HS_11_A3_a_server_certificate_is_no_device() =>
        World.Refused(CertificateFault.ExtendedKeyUsage, () => World.Device(World.ServerLeaf));

    [Fact]
    public void CE_07_a_device_certificate_is_no_server() =>
        World.Refused(CertificateFault.ExtendedKeyUsage, () => World.ServerPath(World.DeviceLeaf));

    [Fact]
    public void CE_07_A3_a_leaf_has_exactly_one_purpose()
    {
        Refused(World.DeviceLeaf.Without(Oids.ExtKeyUsage));
        Refused(World.DeviceLeaf.With(ForgedExtension.Purposes(Oids.ClientAuth, Oids.ServerAuth)));
        Refused(World.DeviceLeaf.With(ForgedExtension.Purposes(Oids.TimeStamping)));
        Refused(World.DeviceLeaf.With(ForgedExtension.Purposes("2.5.29.37.0"))); // anyExtendedKeyUsage

        static void Refused(Forged leaf) => World.Refused(CertificateFault.ExtendedKeyUsage, () => World.Device(leaf));
    }

    [Fact]
    public void CE_07_a_CA_has_no_purpose() =>
        World.Refused(CertificateFault.ExtendedKeyUsage, () => World.Device(issuing: World.Issuing.And(ForgedExtension.Purposes(Oids.ClientAuth))));

    [Theory]
    [InlineData("2.5.29.30", true), InlineData("2.5.29.30", false)]   // nameConstraints
    [InlineData("2.5.29.32", false), InlineData("2.5.29.36", true)]   // certificatePolicies, policyConstraints
    [InlineData("1.3.6.1.4.1.99999.1", false), InlineData("1.3.6.1.4.1.99999.1", true)]
    [InlineData(Oids.CrlDistributionPoints, true), InlineData(Oids.AuthorityInfoAccess, true)]
    public void CE_08_extensions_outside_the_list_are_refused(string oid, bool critical)
    {
        var extension = new ForgedExtension(oid, critical, [0x05, 0x00]);
        World.Refused(CertificateFault.Extension, () => World.Device(World.DeviceLeaf.And(extension)));
        World.Refused(CertificateFault.Extension, () => World.Device(issuing: World.Issuing.And(extension)));
        World.Refused(CertificateFault.Extension, () => World.Device(root: World.Root.And(extension)));
    }

    [Fact]
    public void CE_08_pointers_to_the_network_are_ignored() =>
        World.Device(World.DeviceLeaf
            .And(new(Oids.CrlDistributionPoints, false, [0x05, 0x00])).And(new(Oids.AuthorityInfoAccess, false, [0x05, 0x00])));

    [Fact]
    public void CE_08_an_extension_twice_is_refused() =>
        World.Refused(CertificateFault.DuplicateExtension, () => World.DeviceLeaf.And(ForgedExtension.Uri("countersign:bob")).Certificate());

    [Fact]
    public void CE_08_CE_12_extensions_without_end_are_refused() =>
        World.Refused(CertificateFault.Malformed, () => (World.DeviceLeaf with
        {
            Extensions = [.. Enumerable.Range(0, 40).Select(i => new ForgedExtension($"1.3.6.1.4.1.99999.{i}", false, [5, 0]))],
        }).Certificate());

    [Theory]
    [InlineData("SERVER.local"), InlineData("server.local")]
    public void CE_09_dns_names_match_in_any_case(string name) => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Dns("other.example", name)));

    [Theory]
    [InlineData("other.local"), InlineData("local"), InlineData("a.server.local"), InlineData("server.local.example")]
    public void CE_09_another_name_is_refused(string name) =>
        World.Refused(CertificateFault.NameMismatch, () => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Dns(name))));

    [Theory]
    [InlineData("*.local"), InlineData("*"), InlineData("s*.local"), InlineData("server.local."), InlineData(""), InlineData("server..local")]
    [InlineData("127.0.0.1"), InlineData("server_1.local"), InlineData("server.local\0.example")]
    public void CE_09_wildcards_and_malformed_names_refuse_the_certificate(string name) =>
        World.Refused(CertificateFault.Name, () => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Dns("server.local", name))));

    [Fact]
    public void CE_09_an_address_is_matched_by_an_address()
    {
        var leaf = World.ServerLeaf.With(ForgedExtension.Ip(127, 0, 0, 1));
        World.ServerPath(leaf, ServerName.Parse("127.0.0.1"));
        World.Refused(CertificateFault.NameMismatch, () => World.ServerPath(leaf, ServerName.Parse("127.0.0.2")));
        World.Refused(CertificateFault.Malformed, () => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Ip(127, 0, 0))));
    }

    [Fact]
    public void CE_09_the_common_name_counts_only_without_alternative_names()
    {
        World.ServerPath(World.ServerLeaf.Without(Oids.SubjectAltName));
        Assert.Equal("alice", World.Device(World.DeviceLeaf.Without(Oids.SubjectAltName)).User.ToString());
        World.Refused(CertificateFault.NameMismatch, () => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Dns("other.local"))));
    }

    [Fact]
    public void CE_09_two_common_names_are_no_name()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            foreach (var name in (string[])["alice", "bob"])
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Oids.CommonName);
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, name);
                }
        var both = DistinguishedName.Read(new AsnReader(writer.Encode(), AsnEncodingRules.DER));
        World.Refused(CertificateFault.Name, () => World.Device(World.DeviceLeaf.Without(Oids.SubjectAltName) with { Subject = both }));
    }

    // Wherever it stands: in the subject of a leaf, and in the names of CAs.
    [Theory]
    [InlineData(UniversalTagNumber.PrintableString, true)]
    [InlineData(UniversalTagNumber.UTF8String, true)]
    [InlineData(UniversalTagNumber.IA5String, false)]
    [InlineData(UniversalTagNumber.T61String, false)]
    [InlineData(UniversalTagNumber.BMPString, false)]
    public void CE_09_a_common_name_is_a_UTF8String_or_a_PrintableString(UniversalTagNumber kind, bool isTaken)
    {
        var subject = DistinguishedName.FromCommonName("even"); // in BMPString, too, whole characters
        var name = subject.Der.ToArray();
        foreach (var certificate in new[] { World.DeviceLeaf, World.Issuing, World.Root })
        {
            var der = (certificate with { Subject = subject }).Build();
            der[der.AsSpan().LastIndexOf(name) + Array.LastIndexOf(name, (byte)UniversalTagNumber.UTF8String)] = (byte)kind;
            if (isTaken)
                Certificate.Parse(der);
            else
                World.Refused(CertificateFault.Malformed, () => Certificate.Parse(der));
        }
    }

    // A name has a form, also where nobody asks for it.
    [Fact]
    public void CE_09_alternative_names_are_read_wherever_they_stand()
    {
        var garbage = new ForgedExtension(Oids.SubjectAltName, false, [0x30, 2, 5, 0]);
        var address = ForgedExtension.Ip(1, 2, 3);
        foreach (var bad in new[] { garbage, address, garbage with { Value = [0x30, 0] } })
            foreach (var certificate in new[] { World.Root, World.Issuing, TsaWorld.Leaf, World.DeviceLeaf, World.ServerLeaf })
                World.Refused(CertificateFault.Malformed, () => certificate.With(bad).Certificate());
        World.Device(issuing: World.Issuing.With(ForgedExtension.Dns("*.example")));
        foreach (var name in new[] { "*.example", "", "server.local\0" })
            World.Refused(CertificateFault.Name, () => World.ServerPath(World.ServerLeaf.With(ForgedExtension.Dns("server.local", name))));
    }

    [Fact]
    public void CE_09_a_device_has_one_URI_of_our_scheme_and_nothing_else()
    {
        Refused(ForgedExtension.Uri("countersign:alice", "countersign:bob"));
        Refused(ForgedExtension.Uri("https://alice"));
        Refused(ForgedExtension.Uri("COUNTERSIGN:alice"));
        Refused(ForgedExtension.Dns("alice"));
        Refused(ForgedExtension.Names(false, 1, "alice@example.org"));

        World.Refused(CertificateFault.Malformed, () => World.DeviceLeaf.With(new(Oids.SubjectAltName, false, [0x30, 2, 5, 0])).Certificate()); // no GeneralName

        static void Refused(ForgedExtension names) => World.Refused(CertificateFault.Name, () => World.Device(World.DeviceLeaf.With(names)));
    }

    [Fact]
    public void CE_09_an_empty_subject_needs_a_critical_alternative_name()
    {
        var leaf = World.DeviceLeaf with { Subject = DistinguishedName.Empty };
        World.Refused(CertificateFault.Name, () => World.Device(leaf));
        World.Device(leaf.With(ForgedExtension.Names(true, 6, "countersign:alice")));
    }

    [Theory]
    [InlineData("countersign:"), InlineData("countersign:Alice"), InlineData("countersign:a..b"), InlineData("countersign:../x"), InlineData("countersign:alice%20")]
    public void CE_13_A24_a_user_outside_the_grammar_is_refused(string uri) =>
        World.Refused(CertificateFault.UserName, () => World.Device(World.DeviceLeaf.With(ForgedExtension.Uri(uri))));
}
