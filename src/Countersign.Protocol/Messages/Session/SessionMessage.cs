using Countersign.Cryptography;

namespace Countersign.Protocol;

/// <summary>A message under k_chat (SPEC 6). The classes below it are the closed list; <see cref="SessionCodec"/> is its table.</summary>
public abstract record SessionMessage
{
    private protected SessionMessage() { }

    internal abstract MessageType Type { get; }

    /// <summary>How many fields follow the type.</summary>
    internal abstract int Fields { get; }

    internal abstract void WriteFields(CborOutput output);

    /// <summary>Whether it carries what its owner ends soon: such a message is encoded when it is queued, any other when it is sent.</summary>
    internal virtual bool HoldsSecrets => false;

    /// <summary>Ends the secrets it carries: nobody will act on it, or whoever did is done.</summary>
    internal virtual void EndSecrets() { }

    /// <summary>The one encoding of this message.</summary>
    public byte[] Encode() => CborOutput.Encode(this, static (output, message) => message.Write(output));

    internal void Write(CborOutput output)
    {
        output.Start(Type, Fields);
        WriteFields(output);
        output.EndArray();
    }
}

/// <summary>A message that a client may send.</summary>
public interface IFromClient;

/// <summary>A message that a server may send.</summary>
public interface IFromServer;

/// <summary>A client's message that is answered once by an <see cref="Answer"/> with the same id.</summary>
/// <param name="Id">1, 2, 3 … on each link (SE-01).</param>
public abstract record Request(ulong Id) : SessionMessage, IFromClient
{
    internal override void WriteFields(CborOutput output)
    {
        output.UInt(Id);
        WriteRest(output);
    }

    /// <summary>Writes what follows the id.</summary>
    private protected abstract void WriteRest(CborOutput output);
}

/// <summary>The server's one answer to the request with this id.</summary>
public abstract record Answer(ulong Id) : SessionMessage, IFromServer
{
    internal override void WriteFields(CborOutput output)
    {
        output.UInt(Id);
        WriteRest(output);
    }

    /// <summary>Writes what follows the id.</summary>
    private protected abstract void WriteRest(CborOutput output);
}

/// <summary>A server's message that nobody asked for.</summary>
public abstract record Push : SessionMessage, IFromServer
{
    private protected Push() { }
}
