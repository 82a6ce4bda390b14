using System.Buffers;
using Countersign.Evidence;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>An established link whose requests and bytes the attacker chooses.</summary>
internal sealed class RawSession(AttackWorld world, RawLink link, ClientLink established) : IDisposable
{
    private ulong _lastId;

    /// <summary>Asks and waits for the answer.</summary>
    /// <exception cref="RefusedRequestException">Refused, and the link stays.</exception>
    /// <exception cref="PeerAlertException">Refused, and the link has ended.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(Func<ulong, Request> make) where TAnswer : Answer
    {
        var id = ++_lastId;
        await link.WriteAsync(Sealed(make(id)));
        return await AnswerAsync(id) switch
        {
            TAnswer answer => answer,
            Refused refused => throw new RefusedRequestException(refused.Code),
            var other => throw new DemoException("the server answered with " + other.GetType().Name),
        };
    }

    /// <summary>Hands an entry in, as it is.</summary>
    public Task<Accepted> SubmitAsync(ReadOnlyMemory<byte> entry) => AskAsync<Accepted>(id => new Submit(id, new Encoded<Entry>(entry)));

    /// <summary>A record that is not sent: for the attacker to use as he likes.</summary>
    public byte[] Sealed(SessionMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        established.Sender.Write(message, output);
        return output.WrittenSpan.ToArray();
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => link.WriteAsync(bytes);

    /// <summary>Reads until the answer with this id, or the end.</summary>
    public async Task<Answer> AnswerAsync(ulong id)
    {
        while (true)
        {
            var body = await link.ReadAsync() ?? throw new DemoException("the server hung up without a word");
            var received = established.Receiver.Receive(body, world.Now);
            if (received.Replies.Count > 0)
            {
                var output = new ArrayBufferWriter<byte>();
                established.Sender.Write([.. received.Replies], output);
                await link.WriteAsync(output.WrittenMemory);
            }
            if (received.Messages.OfType<Answer>().FirstOrDefault(answer => answer.Id == id) is { } found)
                return found;
        }
    }

    public void Dispose()
    {
        established.Dispose();
        link.Dispose();
    }
}
