namespace Countersign.Protocol;

/// <summary>What handling one message gives: the frames to send now, and what is awaited next.</summary>
/// <param name="Next">The next state; the one that made this step is used up.</param>
/// <param name="Output">Whole frames, possibly none, to be sent before anything else.</param>
public readonly record struct Step<TNext>(TNext Next, ReadOnlyMemory<byte> Output);
