using System.Globalization;
using Countersign.Client;
using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Cli;

/// <summary>The operator's identity (R13): a client like any other, with a device and an account of its own, that answers with
/// what is on record. It answers every message in a conversation with it alone, and elsewhere those that name it.</summary>
internal sealed class OperatorDesk : IAsyncDisposable
{
    private readonly DeviceProfile _profile;
    private readonly ChatClient _client;
    private readonly EventSubscription _events;
    private readonly Task _answering;

    private OperatorDesk(DeviceProfile profile, TimeProvider clock)
    {
        _profile = profile;
        _client = ChatClient.Start(profile, new ClientSettings { Time = clock });
        _events = _client.Subscribe();
        _answering = AnswerAsync();
    }

    /// <summary>Opens the operator's device; the first time it is enrolled with <paramref name="invite"/>, and another one in its place when its
    /// certificate ends.</summary>
    public static async Task<OperatorDesk> OpenAsync(CommandContext context, Passphrase passphrase, Func<Task<Protocol.Invitation>> invite, CancellationToken cancellation)
    {
        await new OperatorSuccession(context, passphrase, invite).RunAsync(cancellation);
        var profile = await Enrolled.OrJoinAsync(context.Places.Operator, passphrase, invite, context.Clock, null, cancellation);
        return new OperatorDesk(profile, context.Clock);
    }

    /// <summary>Completes when the operator can be written to.</summary>
    public Task ReadyAsync(CancellationToken cancellation) => _client.SynchronisedAsync(cancellation);

    private async Task AnswerAsync()
    {
        await foreach (var happened in _events)
            if (happened is ClientEvent.MessageReceived received && IsForUs(received))
                Answer(received);
    }

    private bool IsForUs(ClientEvent.MessageReceived received) =>
        received.Message is { Text: { } text } && received.Message.Author != _profile.User
        && (_client.Conversation(received.Conversation).Peer is not null || text.Contains("@" + _profile.User, StringComparison.OrdinalIgnoreCase));

    private void Answer(ClientEvent.MessageReceived received)
    {
        try
        {
            _client.Send(received.Conversation, OnRecord(received));
        }
        catch (ClientException)
        {
            // Closed or left in the meantime: there is nobody to answer.
        }
    }

    private string OnRecord(ClientEvent.MessageReceived received)
    {
        var conversation = _client.Conversation(received.Conversation);
        var holders = _client.Members(received.Conversation).Where(m => m.IsMember)
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.User} ({Held(m, conversation)})"));
        return string.Create(CultureInfo.InvariantCulture,
            $"On record: your message is entry {received.Message.Position} of {conversation.Size}, accepted and signed by the server. ")
            + $"Transcript root at size {conversation.Size}: {Fingerprints.Short(conversation.Root)}…. Signed for by: {string.Join(", ", holders)}.";
    }

    private string Held(MemberView member, ConversationSummary conversation) =>
        (member.Device == _profile.DeviceId ? conversation.Size : member.Delivered).ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        await _answering;
        await _client.DisposeAsync();
        _profile.Dispose();
    }
}
