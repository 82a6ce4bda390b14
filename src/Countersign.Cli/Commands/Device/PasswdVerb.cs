using System.CommandLine;
using System.Text.Json.Nodes;
using Countersign.Client;
using Countersign.Cryptography;

namespace Countersign.Cli;

/// <summary>Changes the passphrase of this device's keys and of your account.</summary>
internal sealed class PasswdVerb : Verb
{
    private readonly Option<string?> _new = new("--new-passphrase-file") { Description = "Read the new passphrase from the first line of FILE.", HelpName = "FILE" };
    private readonly Option<bool> _adopt = new("--adopt") { Description = "Take over the account's passphrase that was set on another device." };

    public PasswdVerb() : base("passwd", "Changes the passphrase of this device's keys and of your account.",
        new Example("passwd", "Asks the old one and the new one."),
        new Example("passwd --passphrase-file old --new-passphrase-file new", "Unattended."),
        new Example("passwd --adopt", "After it was changed on another device: takes the account's new one."))
    {
        Options.Add(_new);
        Options.Add(_adopt);
    }

    public override async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        try
        {
            var pins = DeviceProfile.Peek(context.Places.Device);
            using var present = context.Passphrases.Existing($"{pins.User} at {pins.Server}");
            using var profile = DeviceProfile.Open(context.Places.Device, present.Characters);
            using var next = Next(context);
            await using var client = ChatClient.Offline(profile, new ClientSettings { Time = context.Clock });
            await using var told = new ToldWarnings(context, client);
            if (context.Get(_adopt))
                await AdoptAsync(context, client, pins.User, next, cancellation);
            else
                await ChangeAsync(context, client, pins.User, present, next, cancellation);
            return ExitCode.Done;
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    private static async Task AdoptAsync(CommandContext context, ChatClient client, UserName user, Passphrase next, CancellationToken cancellation)
    {
        var isAdopted = false;
        await OpenDevice.ConnectedAsync(context, client, async limit => isAdopted = await client.AdoptPassphraseAsync(next.Memory, limit), cancellation);
        if (isAdopted)
            context.Screen.Data("the passphrase of this device's keys is the account's now", Changed(user));
        else
            context.Screen.Data("nothing is changed: the account has the passphrase that this device knows", JsonLine.Of("passphrase-kept", ("user", user.ToString())));
    }

    private static async Task ChangeAsync(CommandContext context, ChatClient client, UserName user, Passphrase present, Passphrase next, CancellationToken cancellation)
    {
        client.Reconnect();
        await OpenDevice.ConnectedAsync(context, client, cancellation);
        await client.ChangePassphraseAsync(present.Memory, next.Memory, cancellation);
        context.Screen.Data("the passphrase of this device's keys and of the account is changed", Changed(user));
    }

    private static JsonObject Changed(UserName user) => JsonLine.Of("passphrase-changed", ("user", user.ToString()));

    private Passphrase Next(CommandContext context)
    {
        var what = context.Get(_adopt) ? "the account" : "the device and the account";
        if (context.Get(_new) is { } file)
            return PassphraseSource.LongEnough(PassphraseSource.FromFile(file));
        return context.Get(_adopt) ? context.Passphrases.Asked($"The passphrase of {what}: ") : context.Passphrases.AskedTwice(what);
    }
}
