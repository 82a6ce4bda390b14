using System.Globalization;
using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>Puts another device in the place of the operator's when its certificate ends: the server that invites it is beside it. The old
/// one, while it is good, adds the new one to its conversations; its directory is kept under another name.</summary>
internal sealed class OperatorSuccession(CommandContext context, Passphrase passphrase, Func<Task<Invitation>> invite)
{
    /// <summary>Whether an operator was ever enrolled here.</summary>
    public static bool IsThere(DataPlaces places) => Enrolled.Is(places.Operator) || Directory.Exists(places.Operator + ".new");

    private string Present => context.Places.Operator;

    private string Next => Present + ".new";

    private ClientSettings Settings => new() { Time = context.Clock };

    /// <summary>Nothing happens while the device is good for longer than that. What was interrupted goes on.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Present) && Directory.Exists(Next))
            Directory.Move(Next, Present); // interrupted between the two
        if (!Enrolled.Is(Present))
            return;
        DateTimeOffset end;
        using (var old = DeviceProfile.Open(Present, passphrase.Characters))
        {
            end = old.Certificate.NotAfter;
            if (!DeviceEnd.IsNear(old.Certificate, context.Clock.GetUtcNow()) || !await IsSucceededAsync(old, cancellation))
                return;
        }
        var kept = string.Create(CultureInfo.InvariantCulture, $"{Present}.until-{end.UtcDateTime:yyyy-MM-dd}");
        Directory.Move(Present, kept);
        Directory.Move(Next, Present);
        context.Screen.Talk($"{context.Screen.TalkStyle.Good("✓")} the operator has another device, for its certificate {(end < context.Clock.GetUtcNow() ? "has ended" : "ends")}; the former one is kept: {Visible.Line(kept)}");
    }

    // While the old one is good, what fails is tried again at the next start.
    private async Task<bool> IsSucceededAsync(DeviceProfile old, CancellationToken cancellation)
    {
        var isOver = DeviceEnd.IsOver(old.Certificate, context.Clock.GetUtcNow());
        try
        {
            using var next = await Enrolled.OrJoinAsync(Next, passphrase, invite, context.Clock, null, cancellation);
            if (!isOver)
                await IntroduceAsync(old, next, cancellation);
            return true;
        }
        catch (Exception e) when (!isOver && (e is CommandException || ClientFailures.IsOurs(e)))
        {
            var why = e as CommandException ?? ClientFailures.Explain(context, e);
            context.Screen.Talk($"the operator's certificate {DeviceEnd.When(old.Certificate, context)}, and no other device could take its place: {Visible.Line(why.Message)}");
            return false;
        }
    }

    private async Task IntroduceAsync(DeviceProfile old, DeviceProfile next, CancellationToken cancellation)
    {
        await using var client = ChatClient.Offline(old, Settings);
        client.Reconnect();
        await OpenDevice.ConnectedAsync(context, client, cancellation); // the first attempt decides: a server that listens elsewhere now is not waited for
        await client.FindUserAsync(old.User, cancellation);
        await client.AddOwnDeviceAsync(next.DeviceId, cancellation);
    }
}
