using CsCheck;

namespace Countersign.Cryptography.Tests;

public sealed class CborPropertyTests
{
    [Fact]
    public void CB_every_structure_round_trips_and_is_written_as_RFC_8949_says() =>
        CborValue.Generator.Sample(value =>
        {
            var encoded = CborOutput.Encode(output => CborValue.Write(output, value));
            Assert.Equal(CborValue.Encode(value), encoded);
            Accept(encoded, value);
            Assert.Equal(encoded.Length, CborOutput.Measure(value, CborValue.Write));
            var place = new byte[encoded.Length];
            CborOutput.Write(place, value, CborValue.Write);
            Assert.Equal(encoded, place);
        }, iter: 2000);

    [Fact]
    public void CB_an_encoding_that_does_not_keep_its_own_counts_is_a_bug_and_no_encoding()
    {
        Assert.Throws<InvalidOperationException>(() => CborOutput.Encode(static output => output.StartArray(2).UInt(1).EndArray()));
        Assert.Throws<InvalidOperationException>(() => CborOutput.Encode(static output => output.StartArray(1).UInt(1).UInt(2).EndArray()));
        Assert.Throws<InvalidOperationException>(() => CborOutput.Encode(static output => output.StartArray(0)));
        Assert.Throws<InvalidOperationException>(() => CborOutput.Write(new byte[1], 0, static (output, _) => output.UInt(24)));
        Assert.Throws<InvalidOperationException>(() => CborOutput.Write(new byte[3], 0, static (output, _) => output.UInt(24)));
        Assert.Equal([0x81, 0x01], CborOutput.Encode(static output => output.StartArray(1).UInt(1).EndArray())); // and the next one is right
    }

    [Fact]
    public void CB_01_every_head_that_is_longer_than_needed_is_refused() =>
        CborValue.Generator.Sample(value =>
        {
            var heads = 0;
            CborValue.Encode(value, (major, argument) => { heads++; return CborValue.Head(major, argument); });
            for (var wrong = 0; wrong < heads; wrong++)
                foreach (var size in new[] { 1, 2, 4, 8 })
                {
                    var at = 0;
                    var changed = false;
                    var encoded = CborValue.Encode(value, (major, argument) =>
                    {
                        var right = CborValue.Head(major, argument);
                        if (at++ != wrong || right.Length >= 1 + size)
                            return right;
                        changed = true;
                        return CborValue.Head(major, argument, size);
                    });
                    if (changed)
                        Refuse(encoded, value);
                }
        }, iter: 300);

    [Fact]
    public void CB_05_every_truncation_and_every_trailing_byte_is_refused() =>
        CborValue.Generator.Sample(value =>
        {
            var encoded = CborValue.Encode(value);
            for (var length = 0; length < encoded.Length; length++)
                Refuse(encoded[..length], value);
            Refuse([.. encoded, 0xf6], value);
            Refuse([.. encoded, 0x00], value);
        }, iter: 300);

    [Fact]
    public void CB_random_bytes_cause_nothing_but_a_refusal() =>
        Gen.Select(Gen.Byte.Array[0, 60], CborValue.Generator).Sample((bytes, value) =>
        {
            try
            {
                CborInput.Parse(bytes, input => { CborValue.Expect(input, value); return 0; });
                Assert.Equal(CborValue.Encode(value), bytes); // accepted: then it is the one encoding
            }
            catch (MalformedException)
            {
            }
        }, iter: 5000);

    [Fact]
    public void CB_a_changed_byte_is_refused_or_another_value() =>
        Gen.Select(CborValue.Generator, Gen.Int[0, 10000], Gen.Byte[1, 255]).Sample((value, at, change) =>
        {
            var encoded = CborValue.Encode(value);
            encoded[at % encoded.Length] ^= change;
            Refuse(encoded, value);
        }, iter: 3000);

    private static void Accept(byte[] bytes, CborValue value) =>
        CborInput.Parse(bytes, input => { CborValue.Expect(input, value); return 0; });

    private static void Refuse(byte[] bytes, CborValue value) => Assert.Throws<MalformedException>(() => Accept(bytes, value));
}
