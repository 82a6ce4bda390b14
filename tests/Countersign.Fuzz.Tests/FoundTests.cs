using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Testing;

namespace Countersign.Fuzz.Tests;

/// <summary>What fuzzing has found: each a reader that once broke a promise (fuzz/README.md).</summary>
public sealed class FoundTests
{
    [Theory]
    [InlineData(new[] { 1, 0 })]
    [InlineData(new[] { 0, 0, 1 })]
    public void BU_05_certificates_of_a_misconduct_file_out_of_order_or_twice_are_refused(int[] order)
    {
        var file = File.ReadAllBytes(Path.Combine(Repository.Root, "vectors/misconduct/two-heads.cbor"));
        Assert.Equal(file, Rewritten(file, static certificates => certificates));
        var changed = Rewritten(file, certificates => [.. order.Select(i => certificates[i]), .. certificates[2..]]);
        Assert.Throws<MalformedException>(() => MisconductFile.Parse(changed));
    }

    private static byte[] Rewritten(byte[] file, Func<List<byte[]>, List<byte[]>> change)
    {
        var input = new CborInput(file);
        input.StartArray(5);
        var (version, kind) = (input.UInt(), input.UInt());
        var certificates = new List<byte[]>();
        for (var left = input.StartArray(2, 8); left > 0; left--)
            certificates.Add(input.Bytes(1, Certificate.MaxSize).ToArray());
        input.EndArray();
        var (first, second) = (input.Bytes(1, 131072), input.Bytes(1, 131072));
        return CborOutput.Encode(output =>
        {
            var changed = change(certificates);
            output.StartArray(5).UInt(version).UInt(kind).StartArray(changed.Count);
            foreach (var certificate in changed)
                output.Bytes(certificate);
            output.EndArray().Bytes(first.Span).Bytes(second.Span).EndArray();
        });
    }
}
