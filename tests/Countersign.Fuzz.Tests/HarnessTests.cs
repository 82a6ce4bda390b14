using System.Formats.Asn1;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Testing;

namespace Countersign.Fuzz.Tests;

/// <summary>The harness sees what it is there to see.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void Another_exception_is_a_finding() =>
        Assert.Contains("not documented", Finding(static _ => throw new IndexOutOfRangeException()), StringComparison.Ordinal);

    [Fact]
    public void A_second_encoding_is_a_finding() =>
        Assert.Contains("otherwise", Finding(static b => [.. b, 0]), StringComparison.Ordinal);

    [Fact]
    public void CE_02_of_a_certificate_one_form_is_right_whatever_stands_outside_its_signature()
    {
        var target = Catalogue.Find("certificate");
        var seed = Corpus.Read(Path.Combine(Repository.Root, "fuzz/corpus"), target).Single(static seed => IsPss(seed.Bytes)).Bytes;
        var others = 0;
        foreach (var other in OtherAlgorithms(seed))
        {
            Assert.NotEqual(seed, other);
            Assert.Equal(seed, SignedForm.Of(other)); // were it accepted, it would be a finding
            Assert.False(target.Try(other));
            others++;
        }
        Assert.True(others > 50);
    }

    private static bool IsPss(byte[] certificate) => Algorithm(certificate).AsSpan().IndexOf(Pss) >= 0;

    private static readonly byte[] Pss = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];

    private static byte[] Algorithm(byte[] certificate)
    {
        var outer = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        outer.ReadEncodedValue();
        return outer.ReadEncodedValue().ToArray();
    }

    // With each byte of the algorithm's content outside changed.
    private static IEnumerable<byte[]> OtherAlgorithms(byte[] certificate)
    {
        var algorithm = Algorithm(certificate);
        var start = certificate.AsSpan().LastIndexOf(algorithm);
        for (var i = 2; i < algorithm.Length; i++)
        {
            var other = certificate.ToArray();
            other[start + i] ^= 1;
            yield return other;
        }
    }

    [Fact]
    public void Memory_out_of_proportion_is_a_finding() =>
        Assert.Contains("allocated", Finding(static b => new byte[1 << 20].Length > 0 ? null : b), StringComparison.Ordinal);

    [Fact]
    public void A_documented_refusal_is_none() =>
        Assert.False(Target(static _ => throw new MalformedException("no")).Try([1]));

    [Fact]
    public void HS_14_a_server_in_the_middle_of_an_exchange_refuses_another_start()
    {
        using var initiator = HybridInitiator.Create();
        var start = new RekeyStart(initiator.Point, initiator.Key).Encode();
        byte[] script = [4, 2, 0, 4, (byte)(start.Length >> 8), (byte)start.Length, .. start]; // on the link an exchange: its start as it is, and another in place of its end
        Assert.False(Catalogue.Find("server-states").Try(script));
    }

    [Fact]
    public void Every_folder_of_the_corpus_belongs_to_a_target() =>
        Assert.Equal(
            Catalogue.All.Select(static t => t.Name).Order(),
            Directory.EnumerateDirectories(Path.Combine(Repository.Root, "fuzz/corpus")).Select(static d => Path.GetFileName(d)!).Order());

    [Fact]
    public void A_seed_gives_the_same_inputs_again() =>
        Assert.Equal(Inputs(7), Inputs(7));

    private static List<byte[]> Inputs(int seed)
    {
        var mutator = new Mutator(seed);
        return [.. Enumerable.Range(0, 50).Select(_ => mutator.Mutate([[1, 2, 3], [4, 5]], 100))];
    }

    private static string Finding(Func<byte[], byte[]?> read) => Assert.Throws<FindingException>(() => Target(read).Try([1, 2, 3])).Message;

    private static FuzzTarget Target(Func<byte[], byte[]?> read) => new("some", read, static e => e is MalformedException);
}
