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

    /// <summary>Runs <paramref name="work"/> with the device's client, and tells what it warns of. <paramref name="online"/>: it waits until everything held at
    /// the server has been received. <paramref name="isReading"/>: a device whose certificate has ended, or was revoked, shows what it has.</summary>
    public static async Task<ExitCode> RunAsync(
        CommandContext context, bool online, Func<ChatClient, Task<ExitCode>> work, CancellationToken cancellation, bool isReading = false)
    {
        using var profile = Profile(context);
        await using var client = ChatClient.Offline(profile, new ClientSettings { Time = context.Clock });
        await using var told = new ToldWarnings(context, client);
        try
        {
            if (online)
                await ConnectedAsync(context, client, isReading, cancellation);
            return await work(client);
        }
        catch (Exception e) when (ClientFailures.IsOurs(e))
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    private static async Task ConnectedAsync(CommandContext context, ChatClient client, bool isReading, CancellationToken cancellation)
    {
        client.Reconnect();
        try
        {
            await ConnectedAsync(context, client, cancellation);
        }
        catch (Exception e) when (isReading && (e as CommandException ?? (e is NotConnectedException ? ClientFailures.Explain(context, e) : null)) is { Code: ClientFailures.OwnCertificate } ended)
        {
            context.Screen.Talk($"{ended.Message} This is what is here.");
        }
    }

    /// <summary>Waits until everything held at the server has been received. The first attempt decides: where it fails, nobody
    /// wants to wait for the next.</summary>
    public static Task ConnectedAsync(CommandContext context, ChatClient client, CancellationToken cancellation) =>
        ConnectedAsync(context, client, client.SynchronisedAsync, cancellation);

    /// <inheritdoc cref="ConnectedAsync(CommandContext, ChatClient, CancellationToken)"/>
    /// <param name="context">Of the command.</param>
    /// <param name="client">Whose attempt fails.</param>
    /// <param name="connect">Completes when everything has been received.</param>
    /// <param name="cancellation">A person ends it.</param>
    public static async Task ConnectedAsync(CommandContext context, ChatClient client, Func<CancellationToken, Task> connect, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var events = client.Subscribe();
        var synchronised = connect(either.Token);
        var failed = FailureAsync(client, events, alsoWaiting: true);
        try
        {
            if (await Task.WhenAny(synchronised, failed) == failed && await failed is { } cause)
                throw ClientFailures.Link(context, cause);
            await synchronised;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw ClientFailures.Link(context, null);
        }
    }

    /// <summary>The same for what goes on without a network, with what is held here.</summary>
    /// <param name="context">The command.</param>
    /// <param name="client">Started.</param>
    /// <param name="limit">Ends the waiting.</param>
    /// <param name="interrupted">Ends the command.</param>
    /// <returns>Why not everything has been received: the network or the limit; null if it has.</returns>
    public static async Task<CommandException?> TryConnectedAsync(
        CommandContext context, ChatClient client, CancellationToken limit, CancellationToken interrupted)
    {
        try
        {
            await ConnectedAsync(context, client, limit);
            return null;
        }
        catch (CommandException e) when (e.Exit is ExitCode.Network)
        {
            return e;
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested)
        {
            return ClientFailures.Link(context, null);
        }
        catch (NotConnectedException e)
        {
            throw ClientFailures.Explain(context, e);
        }
    }

    /// <summary>Why the client is refused or, if asked for, waits for its next attempt; null when the events ended before that.</summary>
    public static async Task<LinkEnd?> FailureAsync(ChatClient client, EventSubscription events, bool alsoWaiting)
    {
        if (Cause(client.State) is { } already)
            return already;
        await foreach (var happened in events)
            if (happened is ClientEvent.ConnectionChanged changed && Cause(changed.State) is { } cause)
                return cause;
        return null;

        LinkEnd? Cause(ConnectionState state) => state switch
        {
            ConnectionState.Refused refused => refused.Cause,
            ConnectionState.Waiting waiting when alsoWaiting => waiting.Cause,
            _ => null,
        };
    }
}
