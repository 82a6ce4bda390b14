using System.CommandLine;
using Countersign.Cryptography;
using Countersign.Server;

namespace Countersign.Cli;

/// <summary>Has a person's device revoked by the server's own authority, whether the server runs or not.</summary>
internal sealed class ServerRevokeVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "Whose device.", HelpName = "NAME" };
    private readonly Option<string?> _device = new("--device") { Description = "Which one, by the beginning of its certificate's fingerprint; needed if there are several.", HelpName = "FINGERPRINT" };
    private readonly RevocationOptions _why = new();

    public ServerRevokeVerb() : base("revoke", "Revokes the certificate of a person's device: lost, stolen, or gone with its owner.",
        new Example("server revoke alice --reason keyCompromise --since 2026-11-01T00:00Z", "What it signed after that moment is marked in every verdict."),
        new Example("server revoke alice --device 4f2a", "One of several."))
    {
        Arguments.Add(_name);
        Options.Add(_device);
        _why.AddTo(Options);
    }

    public override Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation) => ServerFailures.AdministerAsync(context, async administration =>
    {
        var user = Names.User(context.Get(_name)!);
        var grounds = _why.Of(context);
        var devices = await administration.DevicesAsync(user);
        var beginning = context.Get(_device) ?? "";
        var meant = devices.Where(device => device.Device.ToString().StartsWith(beginning, StringComparison.OrdinalIgnoreCase)).ToList();
        if (meant is not [var one])
            throw NotOne(user.ToString(), devices, meant.Count);
        var asked = await administration.RequestRevocationAsync(one.Device, grounds);
        context.Screen.Data($"{one.Device}  {user}  {RevocationOptions.Words(asked.Grounds)}", JsonLine.Of("revocation", ("user", user.ToString()), ("certificate", one.Device.ToString()),
            ("serial", one.Chain.Leaf.Serial.ToString()), ("reason", asked.Grounds.Reason.ToString()), ("suspectSince", asked.Grounds.SuspectSince is { } suspect ? Times.Utc(suspect) : null)));
        context.Screen.Talk("The running server revokes it and cuts its link within seconds; a stopped one when it starts.");
        if (asked.Grounds != grounds)
            context.Screen.Talk($"What was said before stays: the list will say {RevocationOptions.Words(asked.Grounds)}.");
        return ExitCode.Done;
    });

    private static CommandException NotOne(string user, IReadOnlyList<DeviceRecord> devices, int meant)
    {
        if (devices.Count == 0)
            return new CommandException(ExitCode.NotFound, "no-device", $"{user} has no device here.", "the name is the one of the invitation");
        var list = string.Join(", ", devices.Select(static device => device.Device.ToString()[..16]));
        return meant == 0
            ? new CommandException(ExitCode.NotFound, "no-device", $"no device of {user} has a certificate that begins so.", $"one of {list}")
            : CommandException.Usage($"{user} has {meant} devices that this could mean.", $"say which: --device with the beginning of one of {list}");
    }
}
