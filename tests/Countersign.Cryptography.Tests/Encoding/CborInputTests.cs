using System.Formats.Cbor;
using System.Text.Json;

namespace Countersign.Cryptography.Tests;

public sealed class CborInputTests
{
    [Theory]
    [InlineData("9f01ff")]
    [InlineData("5f4101ff")]
    [InlineData("7f6161ff")]
    [InlineData("bf0101ff")]
    public void CB_02_indefinite_lengths_are_refused(string hex) => RefusedByEveryReader(hex);

    [Theory]
    [InlineData("a201010101", "twice the same")]
    [InlineData("a202010101", "descending")]
    [InlineData("a220010001", "negative first")]
    [InlineData("a221012001", "negative descending: -2 before -1")]
    [InlineData("a1616101", "text")]
    [InlineData("a1410101", "bytes")]
    public void CB_03_map_keys_that_do_not_ascend_are_refused(string hex, string why)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Throws<MalformedException>(() =>
        {
            var input = new CborInput(bytes);
            for (var pairs = input.StartMap(0, 5); pairs > 0; pairs--)
            {
                _ = input.Key();
                _ = input.Int();
            }
        });
        Assert.NotEmpty(why);
    }

    [Fact]
    public void CB_03_map_keys_ascend_by_their_encodings()
    {
        var input = new CborInput(Convert.FromHexString("a50101182201190100012001380001".Replace("380001", "3818" + "01")));
        Assert.Equal(5, input.StartMap(0, 5));
        foreach (var key in new long[] { 1, 34, 256, -1, -25 })
        {
            input.Key(key);
            Assert.Equal(1, input.Int());
        }
        input.EndMap();
        input.End();
    }

    [Theory]
    [InlineData("61ff")]
    [InlineData("62c328")]
    [InlineData("63eda080")] // a surrogate
    [InlineData("62c080")] // NUL, overlong
    public void CB_04_text_that_is_not_UTF_8_is_refused(string hex) =>
        Assert.Throws<MalformedException>(() => new CborInput(Convert.FromHexString(hex)).Text(10));

    [Theory]
    [InlineData("5affffffff")]
    [InlineData("5b7fffffffffffffff")]
    [InlineData("5bffffffffffffffff")]
    [InlineData("7affffffff")]
    [InlineData("9affffffff")]
    [InlineData("9bffffffffffffffff")]
    [InlineData("bb8000000000000000")]
    public void CB_06_a_length_beyond_the_input_is_refused_before_use(string hex) => RefusedByEveryReader(hex);

    [Fact]
    public void CB_06_every_length_is_bounded()
    {
        Assert.Throws<MalformedException>(() => Input("430102" + "03").Bytes(0, 2));
        Assert.Throws<MalformedException>(() => Input("4101").Bytes(2, 3));
        Assert.Throws<MalformedException>(() => Input("626162").Text(1));
        Assert.Throws<MalformedException>(() => Input("820102").StartArray(0, 1));
        Assert.Throws<MalformedException>(() => Input("820102").StartArray(3));
        Assert.Throws<MalformedException>(() => Input("a101" + "01").StartMap(0));
        Assert.Throws<MalformedException>(() => Input("1818").UInt(23));
        Assert.Throws<MalformedException>(() => Input("1a80000000").Int32());
        Assert.Throws<MalformedException>(() => Input("1b8000000000000000").Int());
        Assert.Throws<MalformedException>(() => Input("3b8000000000000000").Int());
    }

    [Fact]
    public void CB_05_an_array_is_left_only_when_all_its_items_were_read()
    {
        var input = Input("820102");
        input.StartArray(2);
        _ = input.Int();
        Assert.Throws<MalformedException>(input.EndArray);

        var short1 = Input("810102");
        short1.StartArray(1);
        _ = short1.Int();
        Assert.Throws<MalformedException>(() => short1.Int());
    }

    [Fact]
    public void CB_05_one_item_is_one_item_and_a_sequence_is_several()
    {
        var one = Input("0102");
        _ = one.Int();
        Assert.Throws<MalformedException>(one.End);
        Assert.Throws<MalformedException>(() => one.Int());

        var sequence = new CborInput(Convert.FromHexString("0102"), allowMultipleRootValues: true);
        _ = sequence.Int();
        sequence.TryNull();
        _ = sequence.Int();
        sequence.End();

        Assert.Throws<MalformedException>(() => Input("").End());
    }

    [Fact]
    public void CB_a_tag_without_its_item_is_refused()
    {
        var alone = new CborInput(Convert.FromHexString("d2"), allowMultipleRootValues: true);
        alone.Tag(18);
        Assert.Throws<MalformedException>(alone.End);
        Assert.Throws<MalformedException>(() => Input("d200").Tag(17));
        Assert.Throws<MalformedException>(() => Input("00").Tag(18));
    }

    [Theory]
    [InlineData("f90000")]
    [InlineData("fa00000000")]
    [InlineData("fb0000000000000000")]
    [InlineData("f7")]
    [InlineData("f0")]
    [InlineData("f820")]
    [InlineData("f816")]
    public void CB_floats_undefined_and_simple_values_are_refused(string hex) => RefusedByEveryReader(hex);

    [Fact]
    public void CB_depth_is_bounded_by_the_reader_not_by_the_input()
    {
        var input = new CborInput(Enumerable.Repeat((byte)0x81, 100_000).ToArray());
        for (var depth = 1; depth < CborNesting.MaxDepth; depth++)
            input.StartArray(1);
        Assert.Throws<InvalidOperationException>(() => input.StartArray(1));
    }

    [Fact]
    public void CB_RFC_8949_appendix_F_is_refused_altogether()
    {
        using var json = VectorRun.Read("cbor/rfc8949_appendix_f_not_well_formed.json");
        VectorRun.Each("cbor/rfc8949_appendix_f_not_well_formed.json", json.RootElement.GetProperty("cases"), one =>
        {
            RefusedByEveryReader(one.GetProperty("hex").GetString()!);
            return null;
        });
    }

    // Each reading that a grammar could ask for, and the general one: a walk that follows whatever comes.
    private static void RefusedByEveryReader(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Action<CborInput>[] readers =
        [
            i => i.UInt(), i => i.Int(), i => i.Bytes(0, 100), i => i.Text(100), i => i.Bool(), i => i.Tag(0), Walk,
            i => { if (!i.TryNull()) throw new MalformedException("not null"); },
        ];
        foreach (var read in readers)
            Assert.Throws<MalformedException>(() => CborInput.Parse(bytes, input => { read(input); return 0; }));

        void Walk(CborInput input)
        {
            var left = bytes.AsSpan(bytes.Length - input.BytesRemaining);
            if (left.IsEmpty)
                throw new MalformedException("truncated");
            switch (left[0] >> 5)
            {
                case 0 or 1: _ = input.Int(); break;
                case 2: _ = input.Bytes(0, 1000); break;
                case 3: _ = input.Text(1000); break;
                case 4:
                    for (var items = input.StartArray(0, 1000); items > 0; items--)
                        Walk(input);
                    input.EndArray();
                    break;
                case 5:
                    for (var pairs = input.StartMap(0, 1000); pairs > 0; pairs--)
                    {
                        _ = input.Key();
                        Walk(input);
                    }
                    input.EndMap();
                    break;
                case 6:
                    input.Tag(TagAt(left.ToArray()));
                    Walk(input);
                    break;
                default:
                    if (!input.TryNull())
                        _ = input.Bool();
                    break;
            }
        }
    }

    private static ulong TagAt(byte[] bytes)
    {
        try
        {
            return (ulong)new CborReader(bytes, CborConformanceMode.Lax).PeekTag();
        }
        catch (CborContentException)
        {
            return 0; // cut off: ours has to find out by itself
        }
    }

    private static CborInput Input(string hex) => new(Convert.FromHexString(hex));
}
