using Countersign.Client;

namespace Countersign.Cli;

/// <summary>Opens the device of the data directory.</summary>
internal static class OpenDevice
{
    /// <summary>Asks for the passphrase, takes the lock and opens the keys.</summary>
    /// <exception cref="CommandException">Not enrolled, locked, wrong passphrase …</exception>
    public static DeviceProfile Profile(CommandContext context)
    {
        try
        {
            var pins = DeviceProfile.Peek(context.Places.Device);
            using var passphrase = context.Passphrases.Existing($"{pins.User} at {pins.Server}");
            return DeviceProfile.Open(context.Places.Device, passphrase.Characters);
        }
        catch (ProfileException e)
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    /// <summary>Runs <paramref name="work"/> with the device's client. <paramref name="online"/>: it waits until everything held at
    /// the server has been received.</summary>
    public static async Task<ExitCode> RunAsync(CommandContext context, bool online, Func<ChatClient, Task<ExitCode>> work, CancellationToken cancellation)
    {
        using var profile = Profile(context);
        var settings = new ClientSettings { Time = context.Clock };
        await using var client = online ? ChatClient.Start(profile, settings) : ChatClient.Offline(profile, settings);
        try
        {
            if (online)
                await ConnectedAsync(context, client, cancellation);
            return await work(client);
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    /// <summary>Waits for the first connection; a network that is not there is an error after a few seconds.</summary>
    public static async Task ConnectedAsync(CommandContext context, ChatClient client, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15), context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await client.SynchronisedAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw ClientFailures.Link(context, client.State is ConnectionState.Waiting waiting ? waiting.Cause : null);
        }
    }
}
