using System.Collections.Concurrent;
using Countersign.Cryptography;
using Countersign.Evidence;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Server;

/// <summary>Inspects the store once, beside the service, when the server starts. A conversation that was changed is answered with BUSY from then
/// on: whoever signs heads over a changed transcript contradicts what he signed before (RC-07).</summary>
internal sealed partial class StoreWatch(IServerStore store, Certificate root, ILogger log) : BackgroundService
{
    private readonly ConcurrentDictionary<ConversationId, string> _damaged = [];
    private readonly ConcurrentDictionary<long, bool> _nameless = [];

    /// <exception cref="StoreException">Unavailable: it was changed, until an operator has restored it.</exception>
    public void RequireIntact(ConversationId conversation)
    {
        if (!IsIntact(conversation))
            throw new StoreException(StoreFault.Unavailable, "What is stored of the conversation was changed.");
    }

    /// <summary>Whether nobody has found it to be changed.</summary>
    public bool IsIntact(ConversationId conversation) => _damaged.IsEmpty || !_damaged.ContainsKey(conversation);

    /// <summary>It was found to be changed, by the inspection or by who came across it: that is told once.</summary>
    public void Found(ConversationId conversation, string fault)
    {
        if (_damaged.TryAdd(conversation, fault))
            Changed(log, conversation.ToString(), fault);
    }

    /// <summary>The id of the conversation that has this number in the store was found to be none: that is told once, too.</summary>
    public void FoundNameless(long number)
    {
        if (_nameless.TryAdd(number, true))
            Nameless(log, number);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await foreach (var found in new StoreInspection(store, root).RunAsync(stoppingToken).ConfigureAwait(false))
                if (found.Conversation is { } conversation)
                    Found(conversation, found.Fault);
                else
                    FoundNameless(found.Number);
        }
        catch (StoreException e)
        {
            Failed(log, e);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(30, LogLevel.Critical, "the store of conversation {Conversation} was changed: {Fault}; it is not served until it is restored from a backup (countersign server check)")]
    private static partial void Changed(ILogger log, string conversation, string fault);

    [LoggerMessage(33, LogLevel.Critical, "the store was changed: the id of its conversation number {Number} is none; it is not served until it is restored from a backup (countersign admin check)")]
    private static partial void Nameless(ILogger log, long number);

    [LoggerMessage(31, LogLevel.Warning, "the store could not be inspected")]
    private static partial void Failed(ILogger log, Exception fault);
}
