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
