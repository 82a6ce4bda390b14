using System.Text;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Protocol;
using Countersign.Server;

namespace Countersign.Fuzz;

/// <summary>What people paste and what stands in files of their own: damaged rather than hostile, and no less bounded.</summary>
internal static class FileTargets
{
    private static readonly VaultRow Row = VaultRow.Named("fuzz", "row");

    public static IEnumerable<FuzzTarget> All =>
    [
        Catalogue.Refusing<InvitationException>("invitation", Invite) with { MaxLength = 8192 },
        Catalogue.Refusing<MalformedException>("vault-wrap", static b => VaultWrap.Parse(b).Encode()) with { MaxLength = 4096 },
        Catalogue.Refusing<ProfileDamagedException>("vault-value", OpenValue) with { MaxLength = 65536 },
        Catalogue.Refusing<OptionsException>("server-json", Configure) with { MaxLength = 16384, AllocatedAtMost = 4 * 1024 * 1024, AllocatedForEachByte = 1024 },
    ];

    /// <summary>A vault under a key that everybody knows.</summary>
    internal static Vault OpenVault() => new(Secret.CopyOf(new byte[Vault.KeySize]));

    internal static byte[] SealedValue(ReadOnlySpan<byte> value)
    {
        using var vault = OpenVault();
        return vault.Seal(Row, value);
    }

    // White space around a word and capitals throughout are the word's own; apart from these it has one form.
    private static byte[] Invite(byte[] bytes)
    {
        var word = Encoding.Latin1.GetString(bytes);
        using var invitation = Invitation.Parse(word);
        var own = invitation.ToWord();
        return own == word.Trim().ToLowerInvariant() ? bytes : Encoding.Latin1.GetBytes(own);
    }

    private static byte[]? OpenValue(byte[] bytes)
    {
        using var vault = OpenVault();
        vault.Open(Row, bytes).Dispose();
        return null;
    }

    private static byte[]? Configure(byte[] bytes)
    {
        var directory = Directory.CreateTempSubdirectory("countersign-fuzz-");
        try
        {
            File.WriteAllBytes(Path.Combine(directory.FullName, ServerConfiguration.FileName), bytes);
            ServerConfiguration.Load(directory.FullName);
            return null;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
