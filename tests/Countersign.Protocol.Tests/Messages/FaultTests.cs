using System.Text.RegularExpressions;
using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Protocol.Tests;

/// <summary>Codes (SPEC 12) and what becomes one.</summary>
public sealed partial class FaultTests
{
    [Fact]
    public void ER_01_the_codes_are_those_of_the_specification()
    {
        var spec = File.ReadAllText(Path.Combine(Repository.Root, "docs", "SPEC.md"));
        var rows = Row().Matches(spec).Select(row => (int.Parse(row.Groups[1].ValueSpan, null), row.Groups[2].Value, row.Groups[3].Value)).ToList();
        Assert.Equal(Enum.GetValues<WireCode>().Select(code => ((int)code, code.Name())), rows.Select(row => (row.Item1, row.Item2)));
        foreach (var (number, _, link) in rows)
            Assert.Equal(!link.Contains("stays", StringComparison.Ordinal), ((WireCode)number).EndsLink());
    }

    [Fact]
    public void ER_01_a_code_outside_the_list_is_malformed()
    {
        foreach (var code in new ulong[] { 0, 24, 1000, ulong.MaxValue })
            Assert.Throws<MalformedException>(() => Alert.Parse(CborOutput.Encode(output => output.StartArray(2).UInt(0).UInt(code).EndArray())));
    }

    [Fact]
    public void ER_02_each_failure_of_the_layers_below_has_its_code()
    {
        Assert.Equal(WireCode.BadMessage, PeerFaults.From(new MalformedException("x"))!.Code);
        Assert.Equal(WireCode.BadCert, PeerFaults.From(new CertificateRefusedException(CertificateFault.PathLength))!.Code);
        Assert.Equal(WireCode.DecryptFail, PeerFaults.From(new BadRecordException())!.Code);
        Assert.Equal(WireCode.DecryptFail, PeerFaults.From(new BadMacException())!.Code);
        Assert.Equal(WireCode.SigFail, PeerFaults.From(new BadSignatureException())!.Code);
        Assert.Equal(WireCode.AuthFail, PeerFaults.From(new ScramException())!.Code);
        Assert.Null(PeerFaults.From(new InvalidOperationException()));
        Assert.Null(PeerFaults.From(new ArgumentException("ours")));
    }

    [Fact]
    public void ER_02_every_fault_of_the_evidence_layer_has_a_code()
    {
        foreach (var fault in Enum.GetValues<EntryFault>().Where(fault => fault != EntryFault.Duplicate))
            Assert.True(Enum.IsDefined(fault.Code()));
        Assert.Throws<ArgumentOutOfRangeException>(() => EntryFault.Duplicate.Code());
        Assert.Equal(WireCode.Replay, EntryFault.Replay.Code());
        Assert.Equal(WireCode.SigFail, EntryFault.BadSignature.Code());
        Assert.Equal(WireCode.Stale, EntryFault.Stale.Code());
        Assert.All(Enum.GetValues<HeadFault>(), fault => Enum.IsDefined(fault.Code()));
        Assert.All(Enum.GetValues<ReceiptFault>(), fault => Enum.IsDefined(fault.Code()));
        Assert.All(Enum.GetValues<PrekeyFault>(), fault => Enum.IsDefined(fault.Code()));
    }

    [GeneratedRegex(@"^\| (\d+) \| `([A-Z_]+)` \|[^|]*\| ([^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
