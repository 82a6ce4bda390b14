using System.Threading.Channels;
using Countersign.Evidence;
using Countersign.Protocol;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>Forwards new receipts to the other members, collected for a moment: in a large conversation everybody signs at the
/// same time.</summary>
internal sealed partial class ReceiptForwarder(ITranscriptStore store, LinkRegistry registry, TimeProvider clock, ILogger log)
{
    /// <summary>How long receipts are collected.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    /// <summary>Between attempts while the store does not answer.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const int MostInOnePush = 250;

    private readonly Channel<ReceiptRecord> _fresh =
        Channel.CreateBounded<ReceiptRecord>(new BoundedChannelOptions(16_384) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>Hands over a receipt that is durable. Under a flood the oldest are dropped: members ask for those they miss.</summary>
    public void Forward(ReceiptRecord receipt) => _fresh.Writer.TryWrite(receipt);

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (await _fresh.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            await Task.Delay(Moment, clock, cancellation).ConfigureAwait(false);
            foreach (var conversation in Newest().GroupBy(static receipt => receipt.Conversation))
                await PushAsync(conversation.Key, [.. conversation], cancellation).ConfigureAwait(false);
        }
    }

    private IEnumerable<ReceiptRecord> Newest()
    {
        var newest = new Dictionary<(ConversationId, DeviceId, bool), ReceiptRecord>();
        while (_fresh.Reader.TryRead(out var receipt))
        {
            var key = (receipt.Conversation, receipt.Device, receipt.IsFinal);
            if (!newest.TryGetValue(key, out var held) || held.Size < receipt.Size)
                newest[key] = receipt;
        }
        return newest.Values;
    }

    private async Task PushAsync(ConversationId conversation, ReceiptRecord[] receipts, CancellationToken cancellation)
    {
        var pushes = receipts.Chunk(MostInOnePush)
            .Select(static chunk => Outgoing.Of(new PushReceipts(chunk.Select(static r => new Encoded<Receipt>(r.Bytes)).ToEquatableList())))
            .ToList();
        foreach (var member in await MembersAsync(conversation, cancellation).ConfigureAwait(false))
        {
            if (receipts.All(receipt => receipt.Device == member))
                continue; // nobody needs his own
            foreach (var session in registry.Of(member))
                foreach (var push in pushes)
                    session.Send(push);
        }
    }

    // A store that is away for a while keeps the receipts waiting, and ends nothing; of a conversation whose members it cannot say any more,
    // they are not forwarded.
    private async Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await store.MembersAsync(conversation).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Fault == StoreFault.Unavailable)
            {
                await Task.Delay(Pause, clock, cancellation).ConfigureAwait(false);
            }
            catch (StoreException e)
            {
                NotForwarded(log, conversation.ToString(), e);
                return [];
            }
        }
    }

    [LoggerMessage(32, LogLevel.Error, "receipts of conversation {Conversation} were not forwarded: members who ask for them get them")]
    private static partial void NotForwarded(ILogger log, string conversation, Exception fault);
}
