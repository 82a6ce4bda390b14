using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Makes the key of another issuing CA for the server and writes its request, which the root signs.</summary>
internal sealed class ServerSuccessorVerb : Verb
{
    private readonly Option<string> _out = new("--out") { Description = "Where to write the request. Default: successor.csr.", HelpName = "FILE", DefaultValueFactory = _ => "successor.csr" };

    public ServerSuccessorVerb() : base("successor", "Makes the key of another issuing CA here and writes its request, which the root signs: for when the list of the present one fills.",
        new Example("server successor", "The server may run; once installed and restarted, it certifies new devices with it."))
    {
        Options.Add(_out);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) =>
        ServerFailures.TranslateAsync(context, () => Task.FromResult(Make(context)));

    private ExitCode Make(CommandContext context)
    {
        var directory = context.Places.Server;
        var made = ServerDirectory.FindSuccessor(directory);
        if (made is null)
            ServerDirectory.RequireRoomForSuccessor(directory);
        // Before the passphrase, and before anything is made.
        CertificateFiles.RequireNone(context.Get(_out)!);
        if (made is not null)
            context.Screen.Talk($"The key is here already, without a certificate: only its request is written. {Visible.Line(ServerDirectory.Authorities(directory)[^1])}");
        CertificateFiles.Write(context, "request for the issuing CA", context.Get(_out)!, (made ?? MakeKey(context, directory)).ToPem());
        context.Screen.Talk("Next, where the root's key is:");
        context.Screen.Talk($"  {Shell.Quote(context.Surroundings.CommandName)} ca sign {Shell.Quote(context.Get(_out)!)} --dir ROOT");
        return ExitCode.Done;
    }

    private static CertificationRequest MakeKey(CommandContext context, string directory)
    {
        using var passphrase = context.Passphrases.Existing("the server's keys");
        context.Screen.Talk("Making a 3072-bit RSA key …");
        var request = ServerDirectory.CreateSuccessor(directory, passphrase.Characters);
        context.Screen.Wrote("issuing CA's key, encrypted", ServerDirectory.Authorities(directory)[^1]);
        return request;
    }
}
