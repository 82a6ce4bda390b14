using System.CommandLine;

namespace Countersign.Cli;

/// <summary>Says who this device is, which server and root it trusts, and until when its certificate is valid.</summary>
internal sealed class WhoamiVerb : Verb
{
    public WhoamiVerb() : base("whoami", "Says who this device is, which server and root it trusts, and until when its certificate is valid.",
        new Example("whoami", "Needs no network."))
    {
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        using var profile = OpenDevice.Profile(context);
        context.Screen.Data(
            $"user         {profile.User}\ndevice       {Fingerprints.Whole(profile.DeviceId.Value)}\nvalid until  {Times.Minute(profile.Certificate.NotAfter, context.Clock.LocalTimeZone)}\n"
            + $"server       {profile.Server} at {profile.Address}\nroot         {Fingerprints.Whole(profile.Root.Fingerprint)}\nin words     {Fingerprints.Spoken(profile.Root.Fingerprint)}\n"
            + $"kept in      {Visible.Line(profile.Directory.Path)}",
            JsonLine.Of("device", ("user", profile.User.ToString()), ("device", profile.DeviceId.ToString()), ("notAfter", Times.Utc(profile.Certificate.NotAfter)),
                ("server", profile.Server.ToString()), ("address", profile.Address.ToString()), ("root", profile.Root.Fingerprint.ToString()), ("directory", profile.Directory.Path)));
        return Task.FromResult(ExitCode.Done);
    }
}
