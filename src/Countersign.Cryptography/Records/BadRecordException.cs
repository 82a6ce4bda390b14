namespace Countersign.Cryptography;

/// <summary>A record is not the next one of its direction, or was changed (RL-04), or comes after the key's last (RL-05).</summary>
public sealed class BadRecordException() : Exception("The record does not verify.");
