namespace Countersign.Protocol;

/// <summary>The stream ended inside a frame or without <c>bye</c>: never a normal end (RL-02). Who cut it is unknown.</summary>
public sealed class TruncatedException : Exception
{
    internal TruncatedException(string where) : base("the stream was cut " + where) { }
}
