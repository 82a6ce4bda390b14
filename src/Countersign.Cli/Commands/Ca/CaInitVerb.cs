using System.CommandLine;
using Countersign.Authority;

namespace Countersign.Cli;

/// <summary>Makes a root certificate authority; its key never leaves the directory and is encrypted under a passphrase.</summary>
internal sealed class CaInitVerb : Verb
{
    private readonly Option<string?> _dir = CaDirectory.Option();
    private readonly Option<string?> _name = new("--name") { Description = "The authority's name. Default: Countersign Root CA.", HelpName = "NAME" };

    public CaInitVerb() : base("init", "Makes a root certificate authority; its key never leaves the directory and is encrypted under a passphrase.",
        new Example("ca init --dir /media/usb/root --name 'Example Root CA'", "Prints the fingerprint to read aloud."))
    {
        Options.Add(_dir);
        Options.Add(_name);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = CaDirectory.Of(context, _dir);
        using var passphrase = context.Passphrases.New("the root key");
        context.Screen.Talk("Making a 3072-bit RSA key …");
        using var root = AuthorityFailures.Translate(context, directory,
            () => AuthorityStore.CreateRoot(directory, context.Get(_name) ?? "Countersign Root CA", passphrase.Characters, context.Clock));
        context.Screen.Wrote("root key, encrypted", Path.Combine(directory, "ca.key"));
        context.Screen.Wrote("root certificate", Path.Combine(directory, "root.crt"));
        context.Screen.Wrote("revocation list", Path.Combine(directory, "ca.crl"));
        context.Screen.Data($"root      {Fingerprints.Whole(root.Root.Fingerprint)}\nin words  {Fingerprints.Spoken(root.Root.Fingerprint)}",
            JsonLine.Of("root", ("fingerprint", root.Root.Fingerprint.ToString()), ("words", Fingerprints.Spoken(root.Root.Fingerprint)), ("notAfter", Times.Utc(root.Root.NotAfter)), ("directory", directory)));
        context.Screen.Talk("Read the fingerprint aloud to whoever has to trust it. Next, on the server:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} server init --root root.crt --name chat.example.org");
        return Task.FromResult(ExitCode.Done);
    }
}
