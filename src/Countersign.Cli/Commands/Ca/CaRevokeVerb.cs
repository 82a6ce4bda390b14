using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Revokes a certificate and writes the revocation list that says so.</summary>
internal sealed class CaRevokeVerb : Verb
{
    private readonly Argument<string> _serial = new("serial") { Description = "The serial number, in hex.", HelpName = "SERIAL" };
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly RevocationOptions _why = new();

    public CaRevokeVerb() : base("revoke", "Revokes a certificate and writes the revocation list that says so.",
        new Example("ca revoke 4F2A… --reason keyCompromise --since 2026-11-01T00:00Z", "Signatures after that moment are suspect. Once more, with a worse reason or an earlier time, to say more; nothing is taken back."))
    {
        Arguments.Add(_serial);
        Options.Add(_dir);
        _why.AddTo(Options);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        var serial = Names.Serial(context.Get(_serial)!);
        var grounds = _why.Of(context);
        using var authority = OpenAuthority.Of(context, directory);
        var list = AuthorityFailures.Translate(context, directory, () => Revoke(authority, serial, grounds));
        context.Screen.Wrote("revocation list", Path.Combine(directory, "ca.crl"));
        var revoked = authority.Find(serial)!;
        IssuedLines.Print(context, revoked);
        context.Screen.Talk($"The revocation list number {list.Number} says so.");
        context.Screen.Talk(authority.IsRoot
            ? "A server takes it from nobody but you. There, also while it runs: " + Install(context, directory)
            : "The server whose issuing CA this is takes it at its next start.");
        foreach (var other in authority.List().Where(other => StandsWith(other, revoked)))
            context.Screen.Talk($"{other.Certificate.Serial} is of the same key and not revoked: whoever has the key can still use it.");
        return Task.FromResult(ExitCode.Done);
    }

    // What `up` makes has root and server in one data directory.
    private static string Install(CommandContext context, string directory) => directory == context.Places.Authority && Directory.Exists(context.Places.Server)
        ? context.Command($"server install {Shell.Quote(Path.Combine(context.Places.Server, "authority", "ca.crt"))} --crl {Shell.Quote(Path.Combine(directory, "ca.crl"))}")
        : $"{Shell.Quote(context.Surroundings.CommandName)} server install DATA/server/authority/ca.crt --crl {Shell.Quote(Path.Combine(directory, "ca.crl"))}";

    private static CertificateRevocationList Revoke(CertificateAuthority authority, SerialNumber serial, RevocationGrounds grounds)
    {
        try
        {
            return authority.Revoke(serial, grounds);
        }
        catch (AuthorityException e) when (e.Fault is AuthorityFault.Revoked)
        {
            throw new CommandException(ExitCode.CertificateRefused, "revoked", "the certificate is revoked, and the list says all of this already.",
                "a worse reason, or an earlier --since, can be added; nothing is taken back", e);
        }
    }

    // A renewal, most often: lists name certificates, not keys.
    private static bool StandsWith(IssuedCertificate other, IssuedCertificate revoked) =>
        other.Revocation is null && !revoked.Revocation!.Grounds.LeavesOlderSignatures && other.Certificate.PublicKey.Equals(revoked.Certificate.PublicKey);
}
