using System.IO.Compression;
using System.Text;
using Countersign.Cryptography;

namespace Countersign.Evidence.Tests;

public sealed class ContainerTests
{
    private static readonly BundleMember[] Needed = [.. BundleMembers.InOrder.Where(m => !m.IsOptional())];

    [Fact]
    public void BU_01_an_ordinary_ZIP_reader_finds_the_members()
    {
        using var zip = new ZipArchive(new MemoryStream(Container(BundleMembers.InOrder)));
        Assert.Equal(BundleMembers.InOrder.Select(m => m.FileName()), zip.Entries.Select(e => e.FullName));
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            Assert.Equal("<" + entry.FullName + ">", reader.ReadToEnd());
            Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime);
        }
    }

    [Fact]
    public void BU_02_each_choice_of_optional_members_is_read_back()
    {
        foreach (var optional in new BundleMember[][] { [], [BundleMember.Misconduct] })
        {
            BundleMember[] members = [.. Needed, .. optional];
            var container = Open(Container(members));
            Assert.Equal(members, container.Members);
            foreach (var member in members)
            {
                Assert.Equal($"<{member.FileName()}>", Encoding.ASCII.GetString(container.ReadMember(member)));
                Assert.Equal(Hash32.Sha256(container.ReadMember(member)), container.Digest(member));
            }
        }
    }

    [Fact]
    public void BU_01_every_byte_of_the_container_counts()
    {
        var bytes = Container(Needed);
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= (byte)(1 << at % 8);
            Assert.True(IsRefused(changed) || Needed.Any(m => Open(changed).Digest(m) is null), $"byte {at}");
        }
    }

    [Fact]
    public void BU_01_nothing_stands_before_between_or_after_the_members()
    {
        var bytes = Container(Needed);
        Assert.False(IsRefused(bytes));
        for (var length = 0; length < bytes.Length; length++)
            Assert.True(IsRefused(bytes[..length]));
        Assert.True(IsRefused([.. bytes, 0]));
        Assert.True(IsRefused([0, .. bytes]));
        for (var at = 1; at < bytes.Length; at += 7)
            Assert.True(IsRefused([.. bytes[..at], 0, .. bytes[at..]]));
    }

    [Theory, InlineData(CompressionLevel.NoCompression), InlineData(CompressionLevel.Fastest)]
    public void BU_01_ZIPs_of_other_writers_are_refused_even_with_the_same_members(CompressionLevel level)
    {
        var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var member in Needed)
                using (var content = zip.CreateEntry(member.FileName(), level).Open())
                    content.Write(Encoding.ASCII.GetBytes($"<{member.FileName()}>"));
        Assert.True(IsRefused(output.ToArray()));
    }

    [Fact]
    public void BU_02_members_missing_doubled_renamed_or_in_another_order_are_refused()
    {
        for (var i = 0; i < Needed.Length; i++)
        {
            Assert.True(IsRefused(Container([.. Needed[..i], .. Needed[(i + 1)..]])));
            Assert.True(IsRefused(Container([.. Needed[..i], Needed[i], .. Needed[i..]])));
            if (i > 0)
                Assert.True(IsRefused(Container([.. Needed[..(i - 1)], Needed[i], Needed[i - 1], .. Needed[(i + 1)..]])));
        }
        Assert.True(IsRefused(Container([.. Needed[..^1], BundleMember.Misconduct, Needed[^1]])));
        var renamed = Encoding.Latin1.GetString(Container(Needed)).Replace("heads.cbor", "../../root");
        Assert.True(IsRefused(Encoding.Latin1.GetBytes(renamed)));
    }

    [Fact]
    public void BU_07_a_member_over_its_bound_is_neither_written_nor_read()
    {
        Assert.Throws<BundleTooLargeException>(() => BundlePart.Of(BundleMember.Manifest, new byte[(1 << 14) + 1]));
        var parts = Needed.Select(m => Part(m, m == BundleMember.Manifest ? new byte[1 << 14] : [])).ToList();
        Assert.False(IsRefused(Written(parts)));
        // A container whose sizes are consistent, written around the bound.
        var large = Part(BundleMember.Entries, new byte[(1 << 14) + 1]);
        parts[1] = large with { Described = large.Described with { Member = BundleMember.Manifest } };
        var output = new MemoryStream();
        foreach (var part in parts)
        {
            output.Write(ZipLayout.LocalHeader(part.Described));
            part.Write(output);
        }
        output.Write(ZipLayout.Directory([.. parts.Select(p => p.Described)]));
        Assert.True(IsRefused(output.ToArray()));
    }

    private static bool IsRefused(byte[] bytes)
    {
        try
        {
            Open(bytes);
            return false;
        }
        catch (MalformedException)
        {
            return true;
        }
    }

    private static BundleContainer Open(byte[] bytes) => BundleContainer.Open(new MemoryStream(bytes));

    private static byte[] Container(IEnumerable<BundleMember> members) =>
        Written([.. members.Select(m => Part(m, Encoding.ASCII.GetBytes($"<{m.FileName()}>")))]);

    private static BundlePart Part(BundleMember member, byte[] bytes) => BundlePart.Of(member, bytes);

    private static byte[] Written(IReadOnlyList<BundlePart> parts)
    {
        var output = new MemoryStream();
        ContainerWriter.Write(parts, output);
        return output.ToArray();
    }
}
