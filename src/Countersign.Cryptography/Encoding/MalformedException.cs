namespace Countersign.Cryptography;

/// <summary>Bytes that came from outside are not what SPEC's grammar allows: the one exception every parser throws.</summary>
/// <remarks>The message names the rule or field, never the bytes: it may be logged.</remarks>
public sealed class MalformedException : Exception
{
    public MalformedException(string what) : base(what) { }
    public MalformedException(string what, Exception inner) : base(what, inner) { }
}
