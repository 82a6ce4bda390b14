using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>The authority's faults as errors with a next step.</summary>
internal static class AuthorityFailures
{
    /// <summary>Runs the work of a <c>ca</c> verb.</summary>
    public static T Translate<T>(CommandContext context, string directory, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (AuthorityException e)
        {
            throw Explain(context, directory, e);
        }
        catch (CertificateRefusedException e)
        {
            throw Refused("the certificate or request", e);
        }
    }

    public static CommandException Refused(string what, CertificateRefusedException e) =>
        new(ExitCode.CertificateRefused, "certificate-refused", $"{what} is refused: {e.Fault} ({e.Fault.Rule()}).", "docs/SPEC.md section 3 has the rule", e);

    public static CommandException Explain(CommandContext context, string directory, AuthorityException e)
    {
        var dir = Shell.Quote(directory);
        return e.Fault switch
        {
            AuthorityFault.NotInitialised => new(ExitCode.NotFound, "no-authority", $"there is no certificate authority in {directory}.",
                context.Command($"ca init --dir {dir}") + " makes one; --dir names another place", e),
            AuthorityFault.AlreadyInitialised => new(ExitCode.Usage, "exists", $"{e.Path ?? directory} exists already and is never overwritten.",
                "name another directory", e),
            AuthorityFault.Locked => new(ExitCode.Locked, "locked", $"another process has the authority in {directory} open.",
                "wait for it to end, or stop the server that uses it", e),
            AuthorityFault.WrongPassphrase => new(ExitCode.WrongPassphrase, "wrong-passphrase", $"the passphrase does not open the key in {directory}.",
                "try again; there is no way around it", e),
            AuthorityFault.Damaged => new(ExitCode.Failed, "damaged", $"{e.Path ?? directory} is not what this program wrote.",
                "restore the directory from its backup", e),
            AuthorityFault.OtherKey => new(ExitCode.CertificateRefused, "other-key", "the certificate is for another key than the one here.",
                "let the root sign the request of this directory", e),
            AuthorityFault.NotInstalled => new(ExitCode.NotFound, "not-installed", $"the issuing CA in {directory} has no certificate yet.",
                "let the root sign its request, then: " + context.Command("server install issuing.crt --crl root.crl"), e),
            AuthorityFault.NotItsRenewal => new(ExitCode.CertificateRefused, "not-its-renewal", $"{e.Path ?? directory} holds another certificate, and this one does not renew it: it has another name, or ends no later.",
                "let the root sign the request again; to install a newer list alone, name the file that is there", e),
            AuthorityFault.NotFound => new(ExitCode.NotFound, "no-certificate", "no certificate of this serial number was issued here.",
                context.Command($"ca list --dir {dir}") + " shows all of them", e),
            AuthorityFault.Revoked => new(ExitCode.CertificateRefused, "revoked", "the certificate is revoked.",
                "issue one for a new key instead", e),
            AuthorityFault.NotTheRoot => new(ExitCode.Usage, "not-the-root", "only a root certifies issuing CAs, and this is one itself.",
                "name the root's directory with --dir", e),
            AuthorityFault.Expired => new(ExitCode.CertificateRefused, "expired", "the authority's own certificate is not valid now.",
                "check this machine's clock; if it is right, a new authority is needed", e),
            AuthorityFault.ListTooLarge => new(ExitCode.Refused, "list-too-large", "the revocation list is full.",
                "let the root certify another issuing CA (server successor)", e),
            AuthorityFault.NoMoreAuthorities => new(ExitCode.Refused, "no-more-authorities", $"the server in {directory} has as many issuing CAs as it can have (LI-09).",
                "set up another server under the same root", e),
            _ => throw new InvalidOperationException("unknown fault", e),
        };
    }
}
