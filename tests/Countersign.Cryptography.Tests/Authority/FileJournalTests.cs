using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>An authority's journal on a disk that fails.</summary>
public sealed class FileJournalTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    private string Path => _files["journal.jsonl"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_record_whose_write_failed_is_not_there_and_stands_once_when_it_is_written_again(bool halfWritten)
    {
        var file = new FailingFile(Path);
        using (var journal = new FileJournal(Path, file))
        {
            journal.Append(List(1));
            file.FailsToWrite = halfWritten;
            file.FailsToSync = !halfWritten;
            Assert.Throws<IOException>(() => journal.Append(List(2)));
            (file.FailsToWrite, file.FailsToSync) = (false, false);
            journal.Append(List(2));
            journal.Append(List(3));
        }
        Assert.Equal([List(1), List(2), List(3)], Read());
    }

    [Fact]
    public void Nothing_is_written_behind_an_end_that_could_not_be_cut_off_and_the_next_start_cuts_it_off()
    {
        var file = new FailingFile(Path);
        using (var journal = new FileJournal(Path, file))
        {
            journal.Append(List(1));
            (file.FailsToWrite, file.FailsToCut) = (true, true);
            Assert.Throws<IOException>(() => journal.Append(List(2)));
            (file.FailsToWrite, file.FailsToCut) = (false, false);
            Assert.Throws<IOException>(() => journal.Append(List(2)));
        }
        Assert.Equal([List(1)], Read());
    }

    public void Dispose() => _files.Dispose();

    private IReadOnlyList<AuthorityRecord> Read()
    {
        using var journal = FileJournal.Open(Path);
        return journal.Load();
    }

    private static AuthorityRecord.ListMade List(long number) => new(DateTimeOffset.UnixEpoch, number);

    /// <summary>A write that fails leaves half of what it was given; a sync that fails leaves all of it.</summary>
    private sealed class FailingFile(string path) : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public bool FailsToWrite { get; set; }

        public bool FailsToSync { get; set; }

        public bool FailsToCut { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(FailsToWrite ? buffer[..(buffer.Length / 2)] : buffer);
            if (FailsToWrite)
                throw new IOException("no space left");
        }

        public override void Flush(bool flushToDisk)
        {
            if (FailsToSync)
                throw new IOException("not synced");
            base.Flush(flushToDisk);
        }

        public override void SetLength(long value)
        {
            if (FailsToCut)
                throw new IOException("not cut off");
            base.SetLength(value);
        }
    }
}
