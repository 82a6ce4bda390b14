namespace Countersign.Server;

/// <summary>Why a store could not do what was asked.</summary>
public enum StoreFault
{
    /// <summary>The database did not take the write, or its answer was lost: whether it persisted is unknown. The caller forgets what
    /// it holds in memory about the things written and reads them again.</summary>
    Unavailable,

    /// <summary>A uniqueness rule of the database would have been broken: nothing of the call persisted.</summary>
    Conflict,

    /// <summary>What is stored contradicts itself.</summary>
    Damaged,

    /// <summary>The database was written by a newer version of this program.</summary>
    NewerSchema,

    /// <summary>The database server is too old, or set up so that it may lose what it has acknowledged.</summary>
    Unsuitable,
}

/// <summary>A call of <see cref="IServerStore"/> failed. The message names the operation, never a value.</summary>
public sealed class StoreException : Exception
{
    public StoreException(StoreFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    public StoreFault Fault { get; }
}
