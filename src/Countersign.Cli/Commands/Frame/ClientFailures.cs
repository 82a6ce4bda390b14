using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>The client library's failures as errors with a next step.</summary>
internal static class ClientFailures
{
    /// <summary>The code where this device's certificate has ended or was revoked.</summary>
    public const string OwnCertificate = "own-certificate";

    public static bool IsOurs(Exception e) => e is ClientException or ProfileException;

    public static CommandException Explain(CommandContext context, Exception e) => e switch
    {
        NotEnrolledException n => new(ExitCode.NotEnrolled, "not-enrolled", $"there is no enrolled device in {n.ProfileDirectory}.",
            context.Command("join csn1…") + " takes an invitation; " + context.Command("up") + " makes everything on this machine", e),
        AlreadyEnrolledException a => new(ExitCode.ServerIdentity, "already-enrolled", $"{a.ProfileDirectory} already holds a device of another user, server or root.",
            "name another directory with --data; a device never changes whom it trusts", e),
        ProfileLockedException l => new(ExitCode.Locked, "locked", l.ProcessId is { } pid ? $"this device is in use by process {pid}." : "this device is in use by another process.",
            "end that one first: two would sign with one sequence number", e),
        WrongPassphraseException => new(ExitCode.WrongPassphrase, "wrong-passphrase", "the passphrase does not open this device's keys.", "try again; if it is forgotten: docs/CLI.md, Files", e),
        UnsafePermissionsException u => new(ExitCode.Refused, "unsafe-permissions", $"others than the owner have access to {u.Path}.",
            $"chmod -R go= {Shell.Quote(u.Path)}; if others may have read it, let the certificate be revoked", e),
        ProfileException p => new(ExitCode.Failed, "damaged", p.Message, "join again in another directory; from a backup of this one what it held can be read and exported (docs/CLI.md, Files)", e),
        StorageException s => Storage(s.Message, e),
        NotConnectedException n => Link(context, n.Cause, e),
        EnrolmentException x => Enrolment(context, x),
        RequestRefusedException r => Refused(r.Code, e),
        EntryWaitsException w => Waits(w.Code, e),
        ChangeWaitsException c => ChangeWaits(c.Code, e),
        UserNotReachableException u => new(ExitCode.NotFound, "no-such-user", $"the server knows no person {u.User} who can be written to.", $"an invitation helps: invite {u.User}", e),
        UnknownConversationException => new(ExitCode.NotFound, "no-conversation", "there is no such conversation on this device.", context.Command("conversations") + " lists them", e),
        ConversationRefusedException { Reason: ConversationRefusal.Distrusted } d => new(ExitCode.Failed, "distrusted", Reason(d.Reason), null, e),
        ConversationRefusedException c => new(ExitCode.Refused, "conversation", Reason(c.Reason), null, e),
        ExportRefusedException x => Export(x),
        TextLengthException => CommandException.Usage("a message has 1 to 16384 bytes of UTF-8.", "send a longer text in several messages"),
        PassphraseRefusedException => new(ExitCode.WrongPassphrase, "wrong-passphrase", "the passphrase is not the account's.", "try again", e),
        _ => new(ExitCode.Refused, "client", e.Message, null, e),
    };

    public static CommandException Link(CommandContext context, LinkEnd? end, Exception? inner = null) => end switch
    {
        LinkEnd.WrongServer wrong when IsTime(wrong.Fault) => new(ExitCode.CertificateRefused, "server-certificate",
            $"the server's certificate is refused: {wrong.Fault} ({wrong.Fault.Rule()}).", "tell the operator; check this machine's clock", inner),
        LinkEnd.WrongServer wrong => new(ExitCode.ServerIdentity, "server-identity",
            $"{ConnectionWords.Of(wrong)}.", "somebody may be between you and it; there is no override", inner),
        LinkEnd.OwnCertificate => new(ExitCode.CertificateRefused, OwnCertificate, ConnectionWords.Of(end) + ".", DeviceEnd.Next(isOver: true, "NAME"), inner),
        LinkEnd.PassphraseChangedElsewhere => new(ExitCode.WrongPassphrase, "passphrase-changed", ConnectionWords.Of(end) + ".",
            context.Command("passwd --adopt") + " takes the new one", inner),
        LinkEnd.AccountRenewedElsewhere => new(ExitCode.WrongPassphrase, "account-renewed", ConnectionWords.Of(end) + ".",
            "start again with the same passphrase", inner),
        LinkEnd.Storage storage => Storage(storage.What, inner),
        LinkEnd.OwnFault { Cause: ProfileException damage } => Explain(context, damage),
        LinkEnd.OwnFault own => new(ExitCode.Bug, "bug", ConnectionWords.Of(own) + ".", "please report it with what you did", own.Cause),
        LinkEnd.ToldByServer { Code: WireCode.BadCert } => new(ExitCode.CertificateRefused, OwnCertificate,
            "the server refuses this device's certificate (BAD_CERT).", "it is expired or revoked: " + DeviceEnd.Next(isOver: true, "NAME"), inner),
        LinkEnd.ToldByServer { Code: WireCode.AuthFail } => new(ExitCode.WrongPassphrase, "login-refused", "the server refuses the login (AUTH_FAIL).", "try again with the account's passphrase", inner),
        LinkEnd.ToldByServer { Code: WireCode.Busy } => new(ExitCode.Refused, "busy", "the server refuses more attempts now (BUSY).", "wait a quarter of an hour", inner),
        null => new(ExitCode.Network, "network", "there is no connection to the server.", "trying again is safe", inner),
        _ => new(ExitCode.Network, "network", ConnectionWords.Of(end) + ".", "check that the server runs and is reached; trying again is safe", inner),
    };

    private static CommandException Storage(string what, Exception? inner) =>
        new(ExitCode.NotFound, "file", what, "make room on the disk; what was accepted before is not lost", inner);

    // Four refusals of an invitation, four texts.
    private static CommandException Enrolment(CommandContext context, EnrolmentException e) => e.Fault switch
    {
        EnrolmentFault.InvitationUnknown => new(ExitCode.InvitationRefused, "invitation-unknown", "the server does not know this invitation.",
            "check that the whole word was pasted, and that it is for this server", e),
        EnrolmentFault.InvitationExpired => new(ExitCode.InvitationRefused, "invitation-expired", "the invitation has expired.", "ask for a new one", e),
        EnrolmentFault.InvitationUsed => new(ExitCode.InvitationRefused, "invitation-used", "the invitation was used by another key.",
            "if that was not you, tell the operator at once: that device's certificate should be revoked", e),
        EnrolmentFault.InvitationRevoked => new(ExitCode.InvitationRefused, "invitation-revoked", "the invitation was taken back.", "ask whoever gave it to you", e),
        EnrolmentFault.WrongServer => new(ExitCode.ServerIdentity, "server-identity",
            "the server at this address is not the one the invitation names.", "somebody may be between you and it; there is no override", e),
        EnrolmentFault.WrongCertificate => new(ExitCode.ServerIdentity, "wrong-certificate", "the certificate that came back is not for this key and name.",
            "tell the operator; nothing was stored", e),
        EnrolmentFault.AccountPassphrase => new(ExitCode.WrongPassphrase, "account-passphrase", "the account exists and has another passphrase.",
            "give it with --account-passphrase-file FILE", e),
        _ => Link(context, e.Cause, e),
    };

    private static CommandException Refused(WireCode code, Exception e) => code switch
    {
        WireCode.Refused => new(ExitCode.Refused, "refused", "the server does not allow this to you (REFUSED).", "ask an administrator", e),
        WireCode.NotFound => new(ExitCode.NotFound, "not-found", "the server knows no such person (NOT_FOUND).", null, e),
        WireCode.BadTime => new(ExitCode.Refused, "bad-time", "this machine's clock is ahead of the server's (BAD_TIME): nothing is signed with a time that is yet to come.",
            "set the clock", e),
        _ => new(ExitCode.Refused, Word(code), $"the server refused ({code.Name()}).", null, e),
    };

    // EN-17: not even what ends the conversation goes past it.
    private static CommandException Waits(WireCode code, Exception e) => new(ExitCode.Refused, Word(code),
        $"what you wrote here before waits, because {DeliveryMark.Why(code)} ({code.Name()}): this device can write, close or leave nothing past it.",
        (code is WireCode.TooLarge ? "ask the operator for room, then try again; " : "try again later; ")
            + "until then another device of yours, or another member, can close the conversation or remove you", e);

    private static CommandException ChangeWaits(WireCode? code, Exception e) => new(
        code is null ? ExitCode.NotConfirmed : ExitCode.Refused, code is { } word ? Word(word) : "not-confirmed",
        (code is { } said ? $"the server does not take it now, because {DeliveryMark.Why(said)} ({said.Name()}): it is signed" : "it is signed and not confirmed yet")
            + ", and is carried out as soon as the server takes it.",
        "what you write there meanwhile waits for it, and goes to whoever is a member then", e);

    private static string Word(WireCode code) => code.Name().ToLowerInvariant().Replace('_', '-');

    private static CommandException Export(ExportRefusedException e) => e.Reason switch
    {
        ExportRefusal.NoSignedHead => new(ExitCode.NotFound, "no-signed-head", "the server has signed nothing of this conversation up to there.", "connect once, or give a larger --until", e),
        ExportRefusal.NoSuchEntry => CommandException.Usage($"there is no entry {e.Position} in the bundle.", "verify and /erase show the entries' numbers, from 0"),
        ExportRefusal.NoMessage => CommandException.Usage($"entry {e.Position} is no message: it is readable anyway.", "name messages, or a range"),
        ExportRefusal.NoKey => new(ExitCode.Refused, "no-key", $"this device cannot disclose entry {e.Position}: it was erased, or never readable here.", "leave it out", e),
        _ => new(ExitCode.Failed, "damaged", "the transcript stored on this device was changed.", "export from a backup of this directory, or on another device", e),
    };

    private static string Reason(ConversationRefusal reason) => reason switch
    {
        ConversationRefusal.NotMember => "you are no member of this conversation.",
        ConversationRefusal.Closed => "the conversation is closed.",
        ConversationRefusal.Distrusted => "a check of this conversation failed: nothing is sent to it.",
        ConversationRefusal.NothingToChange => "that changes nothing: a member cannot be added, nor a stranger removed.",
        ConversationRefusal.UsedElsewhere => "a copy of this device has written here in its name, and what this one wrote can never be accepted: "
            + "let its certificate be revoked, and join anew in another directory.",
        ConversationRefusal.NotOwnMessage => "only messages that this device wrote can be erased by it.",
        ConversationRefusal.TooManyChanges => "this conversation has had as many changes of members and keys as the server takes (changesPerConversation): "
            + "nobody can be added any more; begin a new one.",
        _ => "a conversation holds at most 500 devices, or as many as this server's operator has set (membersPerConversation), and 16 of each person.",
    };

    private static bool IsTime(CertificateFault fault) => fault is CertificateFault.Expired or CertificateFault.NotYetValid
        or CertificateFault.Revoked or CertificateFault.RevocationStale or CertificateFault.RevocationMissing;
}
