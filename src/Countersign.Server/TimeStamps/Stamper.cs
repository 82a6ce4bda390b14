using Countersign.Cryptography;
using Countersign.Evidence;
using Countersign.Protocol;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>Has heads stamped (TS-08): one batch over all conversations that grew, one token for it, however much was written.</summary>
/// <remarks>What is still to be stamped is what the store says: nothing is remembered here, so that a restart goes on where the last
/// run ended. The ledger never waits for it. A conversation that was changed in the store is passed over: its head would contradict what was
/// signed before (RC-07), and keeps no other one from its stamp.</remarks>
internal sealed partial class Stamper(
    ITimeStampSource source, ServerDirectory directory, IStampStore stamps, ITranscriptStore transcripts, StoreWatch watch, Trust trust,
    LinkRegistry registry, ServerMetrics metrics, TimeSpan interval, SigningClock signing, TimeProvider clock, ILogger log) : IDisposable
{
    /// <summary>Heads in one batch: more get a token of their own.</summary>
    private const int LargestBatch = 4096;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _closed = new(0, 1);

    /// <summary>Called by the ledger for each commit: a closed conversation is stamped at once. It does not block.</summary>
    public void Committed(CommittedRun run)
    {
        if (run.IsClosed && _closed.CurrentCount == 0)
            _closed.Release(); // only the ledger's one task calls: the count cannot rise in between
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var retry = Least(FirstRetry, interval);
        while (true)
        {
            var pause = interval;
            try
            {
                await RoundAsync(cancellation).ConfigureAwait(false);
                retry = Least(FirstRetry, interval);
            }
            catch (Exception e) when (e is HttpRequestException or TimeStampRefusedException or StoreException or IOException)
            {
                Failed(log, e);
                metrics.StampingFailed();
                pause = retry;
                retry = Least(retry * 2, interval);
            }
            await PauseAsync(pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Everything that is there now.</summary>
    private async Task RoundAsync(CancellationToken cancellation)
    {
        IReadOnlyList<StoredConversation> page = [];
        do
        {
            page = await stamps.UnstampedAsync(page is [.., var last] ? last.Number : 0, LargestBatch).ConfigureAwait(false);
            if (Intact(page) is { Count: > 0 } heads)
                await StampAsync(heads, cancellation).ConfigureAwait(false);
        }
        while (page.Count == LargestBatch);
    }

    private List<Head> Intact(IReadOnlyList<StoredConversation> page)
    {
        var heads = new List<Head>(page.Count);
        foreach (var (number, conversation, head) in page)
            if (conversation is not { } id)
                watch.FoundNameless(number);
            else if (head is not { } intact)
                watch.Found(id, "its root, or its size, was changed");
            else if (watch.IsIntact(id))
                heads.Add(intact);
        return heads;
    }

    // One token for all of them.
    private async Task StampAsync(List<Head> heads, CancellationToken cancellation)
    {
        var signed = HeadBatch.Sign(directory.Key, directory.Chain.Leaf.Fingerprint, heads, await signing.NowAsync().ConfigureAwait(false));
        var batch = signed[0].Batch.Bytes;
        var token = await source.StampAsync(batch, cancellation).ConfigureAwait(false);
        token.Verify(batch.Span, TrustAnchor.FromCertificate(directory.Root), trust.Current.Revocations); // TS-08
        await stamps.PutStampsAsync(signed, token).ConfigureAwait(false);
        metrics.Stamped(signed.Count);
        foreach (var head in signed)
            await PushAsync(new StampedHead(head, token)).ConfigureAwait(false);
    }

    private async Task PushAsync(StampedHead stamp)
    {
        Outgoing? push = null;
        foreach (var member in await MembersAsync(stamp.Head.Conversation).ConfigureAwait(false))
            foreach (var session in registry.Of(member))
                session.Send(push ??= Outgoing.Of(new PushStamp(new Encoded<StampedHead>(stamp.Encode()))));
    }

    private async Task<IReadOnlyList<DeviceId>> MembersAsync(ConversationId conversation)
    {
        try
        {
            return await transcripts.MembersAsync(conversation).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Fault == StoreFault.Damaged)
        {
            NotPushed(log, conversation.ToString(), e);
            return [];
        }
    }

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(pause, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            await _closed.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The pause is over.
        }
    }

    public void Dispose() => _closed.Dispose();

    [LoggerMessage(35, LogLevel.Warning, "the time-stamp authority gave no token; it is asked again")]
    private static partial void Failed(ILogger log, Exception fault);

    [LoggerMessage(34, LogLevel.Error, "the stamp of conversation {Conversation} was not pushed: members who ask for it get it")]
    private static partial void NotPushed(ILogger log, string conversation, Exception fault);
}

/// <summary>Runs the stamper with the host.</summary>
internal sealed class StamperService(Stamper stamper) : Microsoft.Extensions.Hosting.BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => stamper.RunAsync(stoppingToken);
}
