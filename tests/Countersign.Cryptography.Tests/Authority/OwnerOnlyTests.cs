using Countersign.Authority;
using Countersign.Testing;

namespace Countersign.Cryptography.Tests;

/// <summary>A new file is there whole or not at all, and never in the place of another.</summary>
public sealed class OwnerOnlyTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    private string Path => _files["ca.key"];

    [Fact]
    public void A_file_whose_writing_fails_is_not_there_and_can_be_made_afterwards()
    {
        Assert.SkipUnless(FullDisk.IsHere, "no file here is always full");
        using (FullDisk.Under(Path + ".new"))
            Assert.ThrowsAny<IOException>(() => OwnerOnly.Create(Path, "a key"));
        Assert.False(File.Exists(Path));
        OwnerOnly.Create(Path, "a key");
        Assert.Equal("a key", File.ReadAllText(Path));
    }

    [Fact]
    public void What_a_killed_process_left_is_written_over_and_the_file_is_its_owners_alone()
    {
        using (var left = OwnerOnly.Open(Path + ".new", FileMode.CreateNew, FileShare.None))
            left.Write("half of a much longer key"u8);
        OwnerOnly.Create(Path, "a key");
        Assert.Equal("a key", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFiles(_files.Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void An_existing_file_stays_as_it_is()
    {
        File.WriteAllText(Path, "the first");
        Assert.Equal(AuthorityFault.AlreadyInitialised, Assert.Throws<AuthorityException>(() => OwnerOnly.Create(Path, "another")).Fault);
        Assert.Equal("the first", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFiles(_files.Path));
    }

    [Fact]
    public void Nobody_makes_a_file_that_another_process_is_making()
    {
        using (OwnerOnly.Open(Path + ".new", FileMode.CreateNew, FileShare.None)) // as the other one has it open
            Assert.ThrowsAny<IOException>(() => OwnerOnly.Create(Path, "another"));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void Of_many_that_make_one_file_at_once_one_does_and_its_text_stands_there()
    {
        for (var round = 0; round < 50; round++)
        {
            var path = _files["file " + round];
            var made = new List<string>();
            Parallel.For(0, 8, number =>
            {
                var text = new string((char)('a' + number), 1 + (1000 * number));
                if (Makes(path, text))
                    lock (made)
                        made.Add(text);
            });
            Assert.Equal(Assert.Single(made), File.ReadAllText(path));
        }
    }

    [Fact]
    public async Task Many_that_replace_one_file_at_once_all_do_and_a_reader_sees_one_whole_text()
    {
        File.WriteAllText(Path, Text(0));
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var read = 0;
            for (; !done.IsCancellationRequested; read++)
                RequireWhole();
            return read;
        });
        Parallel.For(0, 800, number => OwnerOnly.Replace(Path, Text(number % 8)));
        await done.CancelAsync();
        Assert.NotEqual(0, await reader);
        RequireWhole();
        Assert.Equal([Path], Directory.GetFiles(_files.Path));

        static string Text(int number) => new((char)('a' + number), 1 + (1000 * number));

        void RequireWhole()
        {
            var read = File.ReadAllText(Path);
            Assert.Equal(read, Text(read[0] - 'a'));
        }
    }

    [Fact]
    public void What_a_killed_process_left_of_a_replacement_is_no_hindrance_and_is_gone_after_a_day()
    {
        File.WriteAllText(Path, "old");
        var (left, goesOn) = (Path + ".0123456789abcdef.new", Path + ".fedcba9876543210.new");
        foreach (var file in (string[])[left, goesOn, Path + ".new"])
            File.WriteAllText(file, "half of a much longer list");
        File.SetLastWriteTimeUtc(left, File.GetLastWriteTimeUtc(left).AddDays(-2));
        OwnerOnly.Replace(Path, "new");
        Assert.Equal("new", File.ReadAllText(Path));
        Assert.Equal([Path, goesOn, Path + ".new"], Directory.GetFiles(_files.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_replacement_that_fails_leaves_the_old_content_and_nothing_else()
    {
        File.WriteAllText(Path, "old");
        using (NotReplaceable.File(Path))
            Assert.ThrowsAny<IOException>(() => OwnerOnly.Replace(Path, "new"));
        Assert.Equal("old", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFiles(_files.Path));
    }

    public void Dispose() => _files.Dispose();

    private static bool Makes(string path, string text)
    {
        try
        {
            OwnerOnly.Create(path, text);
            return true;
        }
        catch (Exception e) when (e is IOException or AuthorityException { Fault: AuthorityFault.AlreadyInitialised })
        {
            return false;
        }
    }
}
