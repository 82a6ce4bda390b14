using Countersign.Authority;

namespace Countersign.Cli;

/// <summary>Opens the authority of a directory, asking for its passphrase.</summary>
internal static class OpenAuthority
{
    public static CertificateAuthority Of(CommandContext context, string directory)
    {
        // Before the question: nobody types a passphrase for nothing.
        if (!AuthorityStore.IsThere(directory))
            throw AuthorityFailures.Explain(context, directory, new AuthorityException(AuthorityFault.NotInitialised));
        using var passphrase = context.Passphrases.Existing("the authority's key");
        return AuthorityFailures.Translate(context, directory, () => AuthorityStore.Open(directory, passphrase.Characters, context.Clock));
    }
}
