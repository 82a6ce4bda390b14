using System.CommandLine;
using Countersign.Authority;
using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Takes an invitation: shows whom it trusts, makes your key here, gets its certificate and opens your account.</summary>
internal sealed class JoinVerb : Verb
{
    private readonly Argument<string> _invitation = new("invitation") { Description = "The word that begins with csn1, or - to read it from standard input.", HelpName = "INVITATION" };
    private readonly Option<string?> _account = new("--account-passphrase-file") { Description = "For a further device: the passphrase the account already has, from the first line of FILE.", HelpName = "FILE" };

    public JoinVerb() : base("join", "Takes an invitation: shows whom it trusts, makes your key here, gets its certificate and opens your account.",
        new Example("join csn1…", "Asks for a passphrase and joins."),
        new Example("join - < invitation.txt", "Reads the invitation from standard input."),
        new Example("join csn1… --data ~/second --passphrase-file secret", "A second device, unattended."))
    {
        Arguments.Add(_invitation);
        Options.Add(_account);
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        using var invitation = await ReadAsync(context, cancellation);
        var screen = context.Screen;
        screen.Talk($"invitation for  {invitation.User}");
        screen.Talk($"server          {invitation.Server} at {Visible.Line(invitation.Address)}");
        screen.Talk($"trusted root    {Fingerprints.Whole(invitation.Root)}");
        screen.Talk($"in words        {Fingerprints.Spoken(invitation.Root)}");
        OwnerOnly.CreateDirectory(context.Places.Root);
        try
        {
            using var passphrase = Enrolled.Is(context.Places.Device) ? context.Passphrases.Existing("this device") : context.Passphrases.New("this device and your account");
            if (Joined(context, invitation, passphrase) is { } joined)
                using (joined)
                    return SayJoined(context, joined);
            using var profile = await JoinAsync(context, invitation, passphrase, cancellation);
            screen.Wrote("device: keys (encrypted), certificate, root pin, transcripts", profile.Directory.Path);
            screen.Data($"joined as {profile.User}; device {Fingerprints.Whole(profile.DeviceId.Value)}",
                JsonLine.Of("joined-server", ("user", profile.User.ToString()), ("device", profile.DeviceId.ToString()), ("server", profile.Server.ToString()), ("root", profile.Root.Fingerprint.ToString()), ("directory", profile.Directory.Path)));
            screen.Talk("next: " + context.Command("chat"));
            return ExitCode.Done;
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    // The device that is here already, whole, and the invited person's; for any other the enrolment goes on, or is refused.
    private static DeviceProfile? Joined(CommandContext context, Invitation invitation, Passphrase passphrase)
    {
        try
        {
            var profile = DeviceProfile.Open(context.Places.Device, passphrase.Characters);
            if (profile.User == invitation.User && profile.Server == invitation.Server && profile.Root.Fingerprint == invitation.Root)
                return profile;
            profile.Dispose();
        }
        catch (NotEnrolledException)
        {
            // Nobody has joined here, or an attempt was interrupted.
        }
        return null;
    }

    // Who gives the same word twice has what was asked for; who brings a new one because the certificate ends has not, and would find out then.
    private static ExitCode SayJoined(CommandContext context, DeviceProfile profile)
    {
        var (now, certificate) = (context.Clock.GetUtcNow(), profile.Certificate);
        if (DeviceEnd.IsNear(certificate, now))
            throw new CommandException(ExitCode.CertificateRefused, "device-ends",
                $"this directory holds a device of {profile.User}, whose certificate {DeviceEnd.When(certificate, context)}; a device gets no other one. Nothing was changed, and the invitation not used.",
                DeviceEnd.Next(DeviceEnd.IsOver(certificate, now), profile.User.ToString()));
        context.Screen.Data(
            $"nothing was changed: this is a device of {profile.User} already, {Fingerprints.Whole(profile.DeviceId.Value)}; its certificate {DeviceEnd.When(certificate, context)}",
            JsonLine.Of("already-joined", ("user", profile.User.ToString()), ("device", profile.DeviceId.ToString()), ("notAfter", Times.Utc(certificate.NotAfter)), ("directory", profile.Directory.Path)));
        context.Screen.Talk("The invitation was not used now. A further device needs a directory of its own: join with --data. next: " + context.Command("chat"));
        return ExitCode.Done;
    }

    private async Task<DeviceProfile> JoinAsync(CommandContext context, Invitation invitation, Passphrase passphrase, CancellationToken cancellation)
    {
        var settings = new ClientSettings { Time = context.Clock };
        var progress = new PhasePrinter(context.Screen);
        using var account = context.Get(_account) is { } file ? PassphraseSource.FromFile(file) : null;
        try
        {
            return await Enrolment.JoinAsync(invitation, context.Places.Device, passphrase.Memory, settings, progress, cancellation, account?.Memory);
        }
        catch (EnrolmentException e) when (e.Fault is EnrolmentFault.AccountPassphrase && account is null && context.Prompt.CanAsk)
        {
            using var asked = context.Passphrases.Asked("The account exists. Its passphrase: ");
            return await Enrolment.JoinAsync(invitation, context.Places.Device, passphrase.Memory, settings, progress, cancellation, asked.Memory);
        }
    }

    private async Task<Invitation> ReadAsync(CommandContext context, CancellationToken cancellation)
    {
        var word = context.Get(_invitation)!;
        if (word == "-")
            word = await StandardInput.LineAsync(StandardInput.Reader(), cancellation) ?? "";
        try
        {
            return Invitation.Parse(word);
        }
        catch (InvitationException e)
        {
            throw new CommandException(ExitCode.InvitationRefused, "invitation-malformed", e.Fault switch
            {
                InvitationFault.Damaged => "this is no complete invitation: a part is missing, or a letter is wrong.",
                InvitationFault.OtherPrefix => "this word is no invitation of this program.",
                _ => "this invitation was made by another version of this program.",
            }, "paste the whole word, from csn1 to its last letter", e);
        }
    }
}
