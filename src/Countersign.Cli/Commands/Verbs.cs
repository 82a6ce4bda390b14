using System.CommandLine;

namespace Countersign.Cli;

/// <summary>The whole command line, in the order <c>--help</c> shows it.</summary>
internal static class Verbs
{
    public static IReadOnlyList<Example> ProgramExamples { get; } =
    [
        new("up", "A certificate authority, a server and you, on this machine; then the chat."),
        new("demo", "A whole conversation between three people in a temporary directory, each step checked."),
        new("join csn1…", "Take an invitation: makes your key here and gets its certificate."),
        new("chat alice", "Talk to alice."),
        new("send ops < report.txt", "Send standard input as one message."),
        new("export ops --disclose all --out ops.zip", "The conversation as one file for an auditor."),
        new("verify ops.zip --root root.crt", "Judge such a file, offline: PASSED, FAILED or INDETERMINATE."),
    ];

    public static IEnumerable<Command> All() =>
    [
        new UpVerb(),
        new DemoVerb(),
        new JoinVerb(),
        new ChatVerb(),
        new SendVerb(),
        new TailVerb(),
        new ConversationsVerb(),
        new MembersVerb(),
        new ExportVerb(),
        new VerifyVerb(),
        new WhoamiVerb(),
        new PasswdVerb(),
        new InviteVerb(),
        new ServeVerb(),
        new VerbGroup("server", "This directory's server: set up under a root kept elsewhere, checked, its people and invitations.",
            [
                new("server init --root root.crt --name chat.example.org", "Makes the server's keys and a request for its issuing CA."),
                new("server install issuing.crt --crl root.crl", "Installs what the root signed."),
                new("server successor", "Another issuing CA, before the list of the present one is full."),
                new("server check", "Certificates, revocation lists, store, clock: each with a next step."),
                new("server revoke alice", "Her device is lost: its certificate ends now."),
                new("server users", "Who has an account, with what devices."),
                new("server uninvite bob", "His invitation went to somebody else."),
                new("server misconduct", "Proofs that somebody signed two entries for one place."),
            ],
            new ServerInitVerb(), new ServerInstallVerb(), new ServerSuccessorVerb(), new ServerCheckVerb(), new ServerUsersVerb(), new ServerRevokeVerb(),
            new ServerResetVerb(), new ServerInvitationsVerb(), new ServerUninviteVerb(), new ServerMisconductVerb()),
        new VerbGroup("admin", "The stored data of this directory's server: backup, restore, check, move.",
            [
                new("admin backup /backup/today.db", "Everything in one file, while the server runs."),
                new("admin restore /backup/today.db", "Into the empty store of a stopped server."),
                new("admin check", "Recomputes every root and signature."),
                new("admin move-store --to mysql --connection-string-file db.secret", "From the embedded file to MySQL or MariaDB."),
            ],
            new AdminBackupVerb(), new AdminRestoreVerb(), new AdminHeldVerb(), new AdminReleaseVerb(), new AdminCheckVerb(), new AdminMoveStoreVerb()),
        new VerbGroup("ca", "The certificate authority: it needs no server and no network.",
            [
                new("ca init --dir /media/usb/root", "Makes a root; its key is encrypted under a passphrase."),
                new("ca sign server.csr --dir /media/usb/root", "Signs the request of a server's issuing CA."),
                new("ca list --dir /media/usb/root", "What it has issued."),
            ],
            new CaInitVerb(), new CaSignVerb(), new CaIssueVerb(), new CaRenewVerb(), new CaRevokeVerb(), new CaCrlVerb(), new CaListVerb(), new CaShowVerb()),
        new VerbGroup("tsa", "A time-stamp authority (RFC 3161): says by its signature that a hash was shown to it at a time.",
            [
                new("tsa init --root root.crt", "Makes its key and the request that a CA signs."),
                new("ca issue tsa.csr --tsa 'Example time stamps' --dir /media/usb/root", "Where the root's key is: certifies it."),
                new("tsa install tsa.crt", "Puts the certificate into place."),
                new("tsa serve --listen 127.0.0.1:7451", "Answers; a server asks it by its setting timeStampAuthority=http://127.0.0.1:7451/."),
            ],
            new TsaInitVerb(), new TsaInstallVerb(), new TsaServeVerb()),
        new CompletionVerb(),
    ];
}
