using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Makes a time-stamp authority's key here and writes the request that a CA signs.</summary>
internal sealed class TsaInitVerb : Verb
{
    private readonly Option<string> _root = new("--root") { Description = "The root certificate it will stand under, PEM or DER.", HelpName = "FILE", Required = true };
    private readonly Option<string?> _dir = TsaDirectory.Option();
    private readonly Option<string> _out = new("--out") { Description = "Where to write the request. Default: tsa.csr.", HelpName = "FILE", DefaultValueFactory = _ => "tsa.csr" };

    public TsaInitVerb() : base("init", "Makes a time-stamp authority's key here and writes the request that a CA signs.",
        new Example("tsa init --root root.crt", "The root may be on a machine without network."))
    {
        Options.Add(_root);
        Options.Add(_dir);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var directory = TsaDirectory.Of(context, _dir);
        var root = CertificateFiles.ReadCertificate(context.Get(_root)!);
        var made = TsaDirectory.Translate(context, directory, () => Find(directory, root));
        // Before the passphrase, and before anything is made.
        CertificateFiles.RequireNone(context.Get(_out)!);
        if (made is not null)
            context.Screen.Talk($"The time-stamp authority's key is here already, without a certificate: only its request is written. {Visible.Line(directory)}");
        var request = made ?? Make(context, directory, root);
        CertificateFiles.Write(context, "request", context.Get(_out)!, request.ToPem());
        context.Screen.Talk($"trusts root {Fingerprints.Whole(root.Fingerprint)}");
        context.Screen.Talk("Next, where the root's key is:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} ca issue {Shell.Quote(context.Get(_out)!)} --tsa NAME --dir ROOT");
        return Task.FromResult(ExitCode.Done);
    }

    // What was made, and has neither a certificate nor another root.
    private static CertificationRequest? Find(string directory, Certificate root) => !TimeStampStore.IsThere(directory) ? null
        : TimeStampStore.ReadChain(directory) is null && TimeStampStore.ReadRoot(directory).Equals(root) ? TimeStampStore.ReadRequest(directory)
        : throw new CommandException(ExitCode.Usage, "exists", $"there is a time-stamp authority in {directory}, and it is never overwritten.", "--dir names another place");

    private static CertificationRequest Make(CommandContext context, string directory, Certificate root)
    {
        using var passphrase = context.Passphrases.New("the time-stamp authority's key");
        OwnerOnly.CreateDirectory(context.Places.Root);
        context.Screen.Talk("Making a 3072-bit RSA key …");
        var request = TsaDirectory.Translate(context, directory, () => TimeStampStore.CreateRequest(directory, passphrase.Characters, root));
        context.Screen.Wrote("time-stamp authority's key, encrypted", Path.Combine(directory, "tsa.key"));
        return request;
    }
}
