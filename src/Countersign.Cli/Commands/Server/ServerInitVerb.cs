using System.CommandLine;
using Countersign.Authority;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Makes a server's keys here and writes the request for its issuing CA, which the root signs.</summary>
internal sealed class ServerInitVerb : Verb
{
    private readonly Option<string> _root = new("--root") { Description = "The root certificate, PEM or DER.", HelpName = "FILE", Required = true };
    private readonly Option<string> _name = new("--name") { Description = "The server's name in its certificate: a DNS name or an address.", HelpName = "NAME", Required = true };
    private readonly Option<string> _out = new("--out") { Description = "Where to write the request. Default: server.csr.", HelpName = "FILE", DefaultValueFactory = _ => "server.csr" };

    public ServerInitVerb() : base("init", "Makes a server's keys here and writes the request for its issuing CA, which the root signs.",
        new Example("server init --root root.crt --name chat.example.org", "The root may be on a machine without network."))
    {
        Options.Add(_root);
        Options.Add(_name);
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        ServerFailures.TranslateAsync(context, () => Task.FromResult(Init(context)));

    private ExitCode Init(CommandContext context)
    {
        var root = CertificateFiles.ReadCertificate(context.Get(_root)!);
        var name = Names.Server(context.Get(_name)!);
        var made = ServerDirectory.FindRequest(context.Places.Server, name, root);
        // Before the passphrase, and before anything is made.
        CertificateFiles.RequireNone(context.Get(_out)!);
        if (made is not null)
            context.Screen.Talk($"The server's keys are here already, without a certificate: only their request is written. {Visible.Line(context.Places.Server)}");
        var request = made ?? Make(context, name, root);
        CertificateFiles.Write(context, "request for the issuing CA", context.Get(_out)!, request.ToPem());
        context.Screen.Talk($"trusts root {Fingerprints.Whole(root.Fingerprint)}");
        context.Screen.Talk("Next, where the root's key is:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} ca sign {Shell.Quote(context.Get(_out)!)} --dir ROOT");
        return ExitCode.Done;
    }

    private static CertificationRequest Make(CommandContext context, ServerName name, Certificate root)
    {
        using var passphrase = context.Passphrases.New("the server's keys");
        OwnerOnly.CreateDirectory(context.Places.Root);
        context.Screen.Talk("Making two 3072-bit RSA keys …");
        var request = ServerDirectory.CreateRequest(context.Places.Server, name, passphrase.Characters, root);
        context.Screen.Wrote("server keys, encrypted", context.Places.Server);
        return request;
    }
}
