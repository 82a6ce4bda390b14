using Countersign.Testing;

namespace Countersign.Evidence.Tests;

/// <summary>Measured alone: what other tests hold is none of the report's.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

[Collection(Alone.Name)]
public sealed class LongReportTests
{
    [Fact]
    [Trait("pace", "thorough")]
    public void R11_a_report_of_many_entries_takes_no_more_memory_than_one_of_few()
    {
        using var folder = new TemporaryDirectory();
        using var scratch = File.Create(folder["scratch"]);
        using var output = new Counting();
        LongReport.Write(50_000, scratch, output);
        Assert.True(output.Length > 15_000_000);
        // The verifier's own eight bytes an entry, and buffers.
        Assert.True(output.Looks > 3);
        Assert.InRange(output.MostHeld, 0, 6_000_000);
    }

    /// <summary>Counts, and looks now and then at the memory that is held.</summary>
    private sealed class Counting : Stream
    {
        private readonly long _before = GC.GetTotalMemory(true);
        private long _length;
        private long _looked;

        public long MostHeld { get; private set; }

        public int Looks { get; private set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            _length += count;
            if (_length - _looked < 4_000_000)
                return;
            _looked = _length;
            Looks++;
            MostHeld = Math.Max(MostHeld, GC.GetTotalMemory(true) - _before);
        }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;
        public override long Position { get => _length; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
